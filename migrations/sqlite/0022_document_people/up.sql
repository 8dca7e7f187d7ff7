-- The households of the lines of a document, in order, sixteen bytes each: where it may be shown with their numbers in
-- full. The numbers themselves lie with the households alone, and go with them.
ALTER TABLE documents ADD COLUMN people BLOB;
