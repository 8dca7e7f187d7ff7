DROP INDEX redemptions_told_later;
