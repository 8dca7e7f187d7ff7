DROP TABLE withdrawn_deliveries;
DROP TABLE invoice_withdrawals;
