"""The same files by dlt: its filesystem source, DuckDB as the destination, merged by the keys of the star.

`dlt_load.py DATA_FOLDER WORK_FOLDER` loads what has been added since it last ran; each run is a process of its own, as a scheduler
starts it. Written for speed by what dlt's documentation advises: every file is read once, and its rows are dealt to several
resources; files that were loaded are skipped by `incremental`; a chunk gives a user and a time once; Parquet is what it loads
fastest; and rows are normalized by as many processes as there are cores.
"""

import os
import sys
from datetime import datetime, timezone

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["NORMALIZE__WORKERS"] = str(os.cpu_count())
os.environ["NORMALIZE__START_METHOD"] = "fork"
# Otherwise a table is one file, and one process normalizes it.
os.environ["EXTRACT__DATA_WRITER__FILE_MAX_ITEMS"] = "50000"

import dlt
from dlt.sources.filesystem import filesystem, read_jsonl

DATA, WORK = sys.argv[1:3]
CHUNK_ROWS = 10_000


def lines(glob):
    files = filesystem(bucket_url=f"file://{DATA}", file_glob=glob)
    files.apply_hints(incremental=dlt.sources.incremental("modification_date"))
    return files | read_jsonl(chunksize=CHUNK_ROWS)


def time_of(event):
    return datetime.fromtimestamp(event["ts"] / 1000, timezone.utc)


@dlt.transformer(primary_key="song_id", write_disposition="merge")
def songs(rows):
    yield [{**row, "artist_location": row["artist_location"] or None} for row in rows]


# Rows of one load are sorted before one of a key is taken; of two loads the later one wins, whatever its rows say.
@dlt.transformer(primary_key="artist_id", write_disposition="merge", columns={"source_song_id": {"dedup_sort": "asc"}})
def artists(rows):
    yield [
        {
            "artist_id": row["artist_id"],
            "name": row["artist_name"],
            "location": row["artist_location"],
            "latitude": row["artist_latitude"],
            "longitude": row["artist_longitude"],
            "source_song_id": row["song_id"],
        }
        for row in rows
    ]


@dlt.transformer(primary_key="user_id", write_disposition="merge", columns={"last_event_at": {"dedup_sort": "desc"}})
def users(events):
    newest = {event["userId"]: event for event in sorted(events, key=lambda event: event["ts"]) if event["userId"]}
    yield [
        {
            "user_id": event["userId"],
            "first_name": event.get("firstName"),
            "last_name": event.get("lastName"),
            "gender": event.get("gender"),
            "level": event["level"],
            "last_event_at": time_of(event),
        }
        for event in newest.values()
    ]


@dlt.transformer(
    primary_key=("start_time", "session_id", "item_in_session"),
    write_disposition="merge",
    columns={"song_id": {"data_type": "text"}, "artist_id": {"data_type": "text"}},
)
def songplays(events):
    yield [
        {
            "start_time": time_of(event),
            "user_id": event["userId"],
            "level": event["level"],
            "session_id": event["sessionId"],
            "item_in_session": event["itemInSession"],
            "location": event.get("location"),
            "user_agent": event.get("userAgent"),
            "song_title": event.get("song"),
            "artist_name": event.get("artist"),
            "song_duration": event.get("length"),
        }
        for event in events
        if event["page"] == "NextSong"
    ]


@dlt.transformer(name="time", primary_key="start_time", write_disposition="merge")
def times(events):
    yield [
        {
            "start_time": at,
            "hour": at.hour,
            "day": at.day,
            "week": at.isocalendar().week,
            "month": at.month,
            "year": at.year,
            "weekday": at.isoweekday() % 7,
        }
        for at in {time_of(event) for event in events if event["page"] == "NextSong"}
    ]


@dlt.source
def sparkify():
    song_rows = lines("song_data/**/*.json").with_name("song_rows")
    events = lines("log_data/**/*.json").with_name("events")
    return [song_rows | songs, song_rows | artists, events | users, events | songplays, events | times]


# dlt loads and does not join: plays find their songs by a statement after it, as its documentation advises.
FIND_SONGS = """
    UPDATE songplays SET song_id = found.song_id, artist_id = found.artist_id
    FROM (SELECT rtrim(title) AS title, rtrim(artist_name) AS artist_name, duration, min(song_id) AS song_id,
            arg_min(artist_id, song_id) AS artist_id FROM songs GROUP BY ALL) AS found
    WHERE songplays.song_id IS NULL AND found.title = rtrim(songplays.song_title)
      AND found.artist_name = rtrim(songplays.artist_name) AND found.duration = songplays.song_duration
"""

if __name__ == "__main__":
    pipeline = dlt.pipeline(
        pipeline_name="sparkify",
        pipelines_dir=f"{WORK}/pipelines",
        destination=dlt.destinations.duckdb(f"{WORK}/peer.duckdb"),
        dataset_name="star",
    )
    pipeline.run(sparkify(), loader_file_format="parquet")
    with pipeline.sql_client() as client:
        client.execute_sql(FIND_SONGS)
