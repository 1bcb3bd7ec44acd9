DROP TABLE mode_transition_events;
