-- A service that is asked may change its mind. What it answered is kept as a keyed hash, and an
-- identifier is looked up by its own, so that a change is found out before anything is delivered.
alter table lazaret_identity.map add column mark text;

create index map_origin on lazaret_identity.map (key_id, kind, origin);
