-- What people have said of fields goes on: it is in no file.
INSERT INTO :"next".accepted_fields (source, kind, field, reason, accepted_by, accepted_at)
SELECT a.source, a.kind, a.field, a.reason, a.accepted_by, a.accepted_at
FROM :"schema".accepted_fields AS a
