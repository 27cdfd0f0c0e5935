-- Items that travel as one: the payload is one content for all of them, not a list of values.
alter table lazaret.parcel add column lot boolean not null default false;

-- Whether what sums the run up has been written: before, it is not complete.
alter table lazaret.run add column concluded boolean not null default false;
