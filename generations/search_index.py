"""The database's full text index over SearchEntry: FTS5 on SQLite, a tsvector with GIN on PostgreSQL.

`install` runs after every migrate: on SQLite a migration that changes a table makes it anew, and its triggers are gone.
Terms come split and folded, so the databases' own ideas of words are kept out: FTS5's `ascii` tokenizer splits at
spaces only (`unicode61` would cut what Unicode got after version 6.1), and a tsvector is made from an array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from django.apps import AppConfig

SQLITE = [
    "CREATE VIRTUAL TABLE IF NOT EXISTS generations_search USING fts5(scope, terms, content='generations_searchentry', "
    "content_rowid='take_id', tokenize='ascii', detail='none', prefix='1 2 3')",
    "CREATE TRIGGER IF NOT EXISTS search_entry_made AFTER INSERT ON generations_searchentry BEGIN "
    "INSERT INTO generations_search (rowid, scope, terms) VALUES (NEW.take_id, NEW.scope, NEW.terms); END",
    "CREATE TRIGGER IF NOT EXISTS search_entry_gone AFTER DELETE ON generations_searchentry BEGIN "
    "INSERT INTO generations_search (generations_search, rowid, scope, terms) "
    "VALUES ('delete', OLD.take_id, OLD.scope, OLD.terms); END",
    "CREATE TRIGGER IF NOT EXISTS search_entry_changed AFTER UPDATE ON generations_searchentry BEGIN "
    "INSERT INTO generations_search (generations_search, rowid, scope, terms) "
    "VALUES ('delete', OLD.take_id, OLD.scope, OLD.terms); "
    "INSERT INTO generations_search (rowid, scope, terms) VALUES (NEW.take_id, NEW.scope, NEW.terms); END",
    "CREATE TRIGGER IF NOT EXISTS take_moved AFTER UPDATE OF project_id, owner_id ON generations_generation "
    "WHEN OLD.project_id <> NEW.project_id OR OLD.owner_id <> NEW.owner_id BEGIN UPDATE generations_searchentry "
    "SET scope = '\ue000p' || NEW.project_id || ' \ue000o' || NEW.owner_id WHERE take_id = NEW.id; END",
]
POSTGRESQL = [
    "ALTER TABLE generations_searchentry ADD COLUMN IF NOT EXISTS vector tsvector GENERATED ALWAYS AS "
    "(array_to_tsvector(array_remove(string_to_array(scope || ' ' || terms, ' '), ''))) STORED",
    "CREATE INDEX IF NOT EXISTS search_entry_vector ON generations_searchentry USING gin (vector)",
    "CREATE OR REPLACE FUNCTION generations_take_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "UPDATE generations_searchentry SET scope = '\ue000p' || NEW.project_id || ' \ue000o' || NEW.owner_id "
    "WHERE take_id = NEW.id; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER take_moved AFTER UPDATE OF project_id, owner_id ON generations_generation "
    "FOR EACH ROW WHEN (OLD.project_id <> NEW.project_id OR OLD.owner_id <> NEW.owner_id) "
    "EXECUTE FUNCTION generations_take_moved()",
]
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def install(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """For post_migrate: make what is missing. Entries that were there before the index are taken into it."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    if "generations_searchentry" not in tables:
        return  # migrated back to before it
    with connection.cursor() as cursor:
        for statement in STATEMENTS[connection.vendor]:
            cursor.execute(statement)
        if connection.vendor == "sqlite" and "generations_search" not in tables:
            cursor.execute("INSERT INTO generations_search (generations_search) VALUES ('rebuild')")
