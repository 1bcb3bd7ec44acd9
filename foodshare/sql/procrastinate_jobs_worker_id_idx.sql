-- For the foreign key, which the library leaves without a whole index.
CREATE INDEX CONCURRENTLY procrastinate_jobs_worker_id_idx
ON procrastinate_jobs (worker_id);
