-- What a run is configured with is kept as it was written: jsonb sorts names, and there are rule
-- files and schemas in which their order says in which order fields are looked at, and written.
alter table lazaret.run alter column configuration type json using configuration::json;
