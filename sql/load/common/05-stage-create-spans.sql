-- Spans of time that hold every row of the large tables that merging a source reads or changes. common/49-survey-report sums
-- them up, and the merge carries them as literals: only a comparison with constants lets Redshift skip blocks
-- (https://docs.aws.amazon.com/redshift/latest/dg/c_designing-queries-best-practices.html).
CREATE TEMP TABLE staging_spans (
  source   VARCHAR(64) NOT NULL,
  first_at TIMESTAMP NOT NULL,
  last_at  TIMESTAMP NOT NULL
)
DISTSTYLE EVEN
