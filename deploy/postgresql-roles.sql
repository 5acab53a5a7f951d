-- Two roles instead of one: xinqiao_owner owns the tables and runs migrations, xinqiao (the server, workers, the sequencer) may neither
-- change nor delete what was recorded, nor drop the triggers that say so. Run as a superuser, in the product's database, once after the first
-- `manage.py migrate` and again after every one that follows; it changes nothing when there is nothing to change:
--
--   psql -d xinqiao -v ON_ERROR_STOP=1 -f deploy/postgresql-roles.sql
--
-- Other names: PGOPTIONS="-c xinqiao.owner=NAME -c xinqiao.application=NAME" psql ...

DO $$
DECLARE
  owner name := coalesce(nullif(current_setting('xinqiao.owner', true), ''), 'xinqiao_owner');
  application name := coalesce(nullif(current_setting('xinqiao.application', true), ''), 'xinqiao');
  item record;
BEGIN
  IF owner = application THEN RAISE EXCEPTION 'the two roles must differ'; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN EXECUTE format('CREATE ROLE %I LOGIN', owner); END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = application) THEN EXECUTE format('CREATE ROLE %I LOGIN', application); END IF;

  -- Whoever owns the database or the schema can drop everything in it.
  EXECUTE format('ALTER DATABASE %I OWNER TO %I', current_database(), owner);
  EXECUTE format('ALTER SCHEMA public OWNER TO %I', owner);
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', application);
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
  FOR item IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO %I', item.name, owner);
    EXECUTE format('REVOKE ALL ON TABLE %s FROM PUBLIC, %I', item.name, application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO %I', item.name, application);
  END LOOP;
  FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', item.name, owner);
  END LOOP;
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', application);

  -- What the guards make append-only (records/ledger/guards.py), the application may only add to.
  FOR item IN SELECT tgrelid::regclass AS name, EXISTS (
        SELECT FROM pg_trigger u WHERE u.tgrelid = t.tgrelid AND u.tgname = 'append_only_' || t.tgrelid::regclass || '_update') AS emptied
      FROM pg_trigger t WHERE tgname = 'append_only_' || tgrelid::regclass LOOP
    EXECUTE format('REVOKE UPDATE, DELETE ON TABLE %s FROM %I', item.name, application);
    -- A sealed body whose key was destroyed under a tombstone is emptied; a trigger sees to the rest.
    IF item.emptied THEN EXECUTE format('GRANT UPDATE (body) ON TABLE %s TO %I', item.name, application); END IF;
  END LOOP;
END
$$;
