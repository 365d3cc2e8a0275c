-- The page, from the files written for it. Left out where nothing was listed, because a manifest without entries is an error.
COPY staging_listing FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
FORMAT AS JSON 'auto' GZIP MANIFEST COMPUPDATE OFF STATUPDATE OFF
