DROP TABLE event_stream_checkpoints;
