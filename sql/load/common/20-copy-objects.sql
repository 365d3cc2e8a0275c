-- The new ledger rows, from the file written next to the manifests.
COPY staging_objects FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
FORMAT AS JSON 'auto' TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF
