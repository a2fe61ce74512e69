-- How a database and its log looked when a snapshot of it was taken: while they look the same, there
-- is nothing new to send. It says nothing unless proof = 'snapshot'.
ALTER TABLE copy ADD COLUMN snapshot_of TEXT;
