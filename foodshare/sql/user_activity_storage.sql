-- Room in each page for the new versions of its rows: no index holds what changes, so none is written.
ALTER TABLE user_activity SET (fillfactor = 70);
