-- Ratings of one codec. rated_at is epoch milliseconds.
COPY staging_ratings FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
MANIFEST FORMAT AS JSON 'auto' :codec TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF :validation
