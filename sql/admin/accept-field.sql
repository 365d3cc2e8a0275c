-- Somebody has seen a changed field and does not want to be told of it again: who and why is kept. Its values are bound, because
-- a field is called whatever a file calls it.
INSERT INTO :"schema".accepted_fields (source, kind, field, reason, accepted_by, accepted_at)
SELECT CAST(:source AS VARCHAR(64)), CAST(:kind AS VARCHAR(16)), CAST(:field AS VARCHAR(320)), CAST(:reason AS VARCHAR(2048)),
       CAST(:accepted_by AS VARCHAR(255)), GETDATE()
