-- The file written for them: by COPY, because names and values are whatever a file has.
COPY staging_fields FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
FORMAT AS JSON 'auto' TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF
