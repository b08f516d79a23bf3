"""Status lists: indexes reserved before anything is signed, statuses as rows, tokens rendered from the rows."""
