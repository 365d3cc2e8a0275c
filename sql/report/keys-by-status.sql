-- How many keys are in each state now: it reads the whole ledger.
SELECT o.status, COUNT(*) AS objects
FROM :"schema".objects_now AS o
GROUP BY o.status
