-- The star by a nightly script: staging is emptied and filled with every file there is, and the star is emptied and built from it.
-- Each statement is one that a person would write who has the night for it; FOLDER is where the files lie.
CREATE TABLE IF NOT EXISTS staging_events (ts BIGINT, userId VARCHAR, level VARCHAR, song VARCHAR, artist VARCHAR, length DOUBLE,
  sessionId BIGINT, itemInSession INTEGER, location VARCHAR, userAgent VARCHAR, page VARCHAR, firstName VARCHAR, lastName VARCHAR,
  gender VARCHAR);
CREATE TABLE IF NOT EXISTS staging_songs (song_id VARCHAR, title VARCHAR, artist_id VARCHAR, artist_name VARCHAR,
  artist_location VARCHAR, artist_latitude DOUBLE, artist_longitude DOUBLE, duration DOUBLE, year INTEGER);
CREATE SCHEMA IF NOT EXISTS star;
CREATE TABLE IF NOT EXISTS star.songs (song_id VARCHAR, title VARCHAR, artist_id VARCHAR, year INTEGER, duration DOUBLE);
CREATE TABLE IF NOT EXISTS star.artists (artist_id VARCHAR, name VARCHAR, location VARCHAR, latitude DOUBLE, longitude DOUBLE);
CREATE TABLE IF NOT EXISTS star.users (user_id VARCHAR, first_name VARCHAR, last_name VARCHAR, gender VARCHAR, level VARCHAR);
CREATE TABLE IF NOT EXISTS star.songplays (start_time TIMESTAMP, user_id VARCHAR, level VARCHAR, song_id VARCHAR, artist_id VARCHAR,
  session_id BIGINT, item_in_session INTEGER, location VARCHAR, user_agent VARCHAR);
CREATE TABLE IF NOT EXISTS star.time (start_time TIMESTAMP, hour INTEGER, day INTEGER, week INTEGER, month INTEGER, year INTEGER,
  weekday INTEGER);

TRUNCATE staging_events;
TRUNCATE staging_songs;
TRUNCATE star.songs;
TRUNCATE star.artists;
TRUNCATE star.users;
TRUNCATE star.songplays;
TRUNCATE star.time;

INSERT INTO staging_events BY NAME
SELECT * FROM read_json('FOLDER/log_data/**/*.json', format = 'newline_delimited', columns = {ts: 'BIGINT', userId: 'VARCHAR',
  level: 'VARCHAR', song: 'VARCHAR', artist: 'VARCHAR', length: 'DOUBLE', sessionId: 'BIGINT', itemInSession: 'INTEGER',
  location: 'VARCHAR', userAgent: 'VARCHAR', page: 'VARCHAR', firstName: 'VARCHAR', lastName: 'VARCHAR', gender: 'VARCHAR'});

INSERT INTO staging_songs BY NAME
SELECT * FROM read_json('FOLDER/song_data/**/*.json', format = 'newline_delimited', columns = {song_id: 'VARCHAR', title: 'VARCHAR',
  artist_id: 'VARCHAR', artist_name: 'VARCHAR', artist_location: 'VARCHAR', artist_latitude: 'DOUBLE', artist_longitude: 'DOUBLE',
  duration: 'DOUBLE', year: 'INTEGER'});

INSERT INTO star.songs SELECT DISTINCT ON (song_id) song_id, title, artist_id, year, duration FROM staging_songs;

INSERT INTO star.artists
SELECT DISTINCT ON (artist_id) artist_id, artist_name, artist_location, artist_latitude, artist_longitude
FROM staging_songs ORDER BY artist_id, song_id;

INSERT INTO star.users
SELECT DISTINCT ON (userId) userId, firstName, lastName, gender, level
FROM staging_events WHERE userId <> '' ORDER BY userId, ts DESC, sessionId DESC, itemInSession DESC;

INSERT INTO star.songplays
SELECT DISTINCT ON (e.ts, e.sessionId, e.itemInSession) make_timestamp(e.ts * 1000), nullif(e.userId, ''), e.level, s.song_id,
  s.artist_id, e.sessionId, e.itemInSession, e.location, e.userAgent
FROM staging_events AS e
LEFT JOIN (
  SELECT rtrim(title) AS title, rtrim(artist_name) AS artist_name, duration, min(song_id) AS song_id,
    arg_min(artist_id, song_id) AS artist_id
  FROM staging_songs GROUP BY ALL
) AS s ON s.title = rtrim(e.song) AND s.artist_name = rtrim(e.artist) AND s.duration = e.length
WHERE e.page = 'NextSong';

INSERT INTO star.time
SELECT start_time, hour(start_time), day(start_time), week(start_time), month(start_time), year(start_time), dayofweek(start_time)
FROM (SELECT DISTINCT start_time FROM star.songplays);
