-- Events of one codec. ts is epoch milliseconds and keeps them; it has no fractions of them, on which songplay_id relies.
COPY staging_events FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
MANIFEST FORMAT AS JSON 'auto ignorecase' :codec TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF :validation
