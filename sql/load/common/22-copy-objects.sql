-- The rows of the ledger to be, from the file written beside the manifests.
COPY staging_objects FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
FORMAT AS JSON 'auto' TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF
