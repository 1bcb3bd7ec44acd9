"""Backups of the database: full and incremental copies, an archive of the write-ahead log, and getting back from them.

PostgreSQL's own programs do the work; what is here drives them, keeps what they make, and proves that it is of use.
"""
