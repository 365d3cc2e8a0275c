-- Songs of one codec. Song files use lower-case keys. mandatory:true in the manifest makes a missing file an error, and
-- MAXERROR stays 0, because otherwise rows would be lost silently.
COPY staging_songs FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
MANIFEST FORMAT AS JSON 'auto' :codec COMPUPDATE OFF STATUPDATE OFF :validation
