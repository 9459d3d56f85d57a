/// The tables, in a form that PostgreSQL can have as well: text, 64-bit numbers and bytes.
///
/// Times are seconds since 1970. Whatever decides when work is due stands in plain columns; what must not be read is
/// sealed, and what must not be changed carries a keyed code.
enum VaultSchema {
    /// "Keel": tells a vault from any other SQLite database.
    static let applicationID = 0x4B65_656C

    /// Goes up with every change that an older version must not write to.
    static let format = 3

    static let creation =
        ([keys, grants, tokens, recipes, secrets, accounts, intents, observations, audit] + second + third).joined()

    /// What tells a vault from another database, and its format from others.
    static let marks = "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(format);"

    /// What format 2 has beyond format 1.
    static let second = [attention, formerKeys, flows, tombstones, endpoints]

    /// What format 3 has beyond format 2. As additions, also in a new vault: a backup's columns must be in the same order.
    static let third = [grantCodes, derivations]

    /// `meta` holds the vault's id. A key's row proves that a key is the right one; while the vault is being rekeyed
    /// there are two, and each sealed value and each code names its own.
    private static let keys = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE keys (
            id TEXT PRIMARY KEY,
            status TEXT NOT NULL CHECK (status IN ('current', 'retiring')),
            proof BLOB NOT NULL,
            created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// A grant's tokens may lie elsewhere (`holder`). A renewal that failed says why and moves `renewal_due`;
    /// without a date none is due until somebody acts.
    private static let grants = """
        CREATE TABLE grants (
            id TEXT PRIMARY KEY,
            profile TEXT NOT NULL,
            subject TEXT NOT NULL,
            client_digest TEXT NOT NULL,
            issuer TEXT,
            provider_subject TEXT,
            type TEXT NOT NULL,
            holder TEXT NOT NULL DEFAULT 'vault',
            scopes TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('candidate', 'current', 'retired')),
            generation INTEGER NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            retired INTEGER,
            access_expires INTEGER,
            renewal_due INTEGER,
            renewal_failures INTEGER NOT NULL DEFAULT 0,
            renewal_problem TEXT,
            refresh_horizon INTEGER,
            run TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX grants_by_due ON grants (renewal_due) WHERE renewal_due IS NOT NULL;
        CREATE INDEX grants_by_slot ON grants (profile, subject);

        """

    /// What a pass looks for among grants that are not due must cost no more where there are many.
    private static let attention = """
        CREATE INDEX grants_given_up ON grants (profile, subject, id)
            WHERE renewal_due IS NULL AND renewal_problem IS NOT NULL AND status <> 'retired';
        CREATE INDEX grants_by_retirement ON grants (retired) WHERE status = 'retired';

        """

    /// `generation` is the one that brought the token: a refresh token that the server did not replace keeps its own.
    private static let tokens = """
        CREATE TABLE tokens (
            grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
            generation INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('current', 'previous', 'pending')),
            sealed BLOB NOT NULL,
            obtained INTEGER NOT NULL,
            expires INTEGER,
            PRIMARY KEY (grant_id, kind, generation)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX tokens_current ON tokens (grant_id, kind) WHERE state = 'current';

        """

    private static let recipes = """
        CREATE TABLE recipes (
            grant_id TEXT PRIMARY KEY REFERENCES grants (id) ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            body TEXT NOT NULL,
            sealed_secret BLOB,
            code BLOB NOT NULL,
            updated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// Credentials that renewals need and that a person put here by name.
    private static let secrets = """
        CREATE TABLE secrets (
            name TEXT PRIMARY KEY,
            revision INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            updated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// The index from account to grant.
    private static let accounts = """
        CREATE TABLE accounts (
            address TEXT PRIMARY KEY,
            grant_id TEXT NOT NULL REFERENCES grants (id),
            code BLOB NOT NULL,
            updated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accounts_by_grant ON accounts (grant_id);

        """

    /// What was about to be sent when the process died: then a server may know a token that we do not.
    private static let intents = """
        CREATE TABLE intents (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('rotation', 'redemption')),
            grant_id TEXT REFERENCES grants (id) ON DELETE CASCADE,
            generation INTEGER,
            profile TEXT NOT NULL,
            subject TEXT NOT NULL,
            run TEXT NOT NULL,
            created INTEGER NOT NULL,
            sealed BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX intents_by_grant ON intents (grant_id);

        """

    /// `definitions` says of which grant and settings an observation must be to count.
    private static let observations = """
        CREATE TABLE definitions (
            address TEXT PRIMARY KEY,
            grant_id TEXT,
            settings_digest TEXT NOT NULL,
            updated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE observations (
            address TEXT NOT NULL,
            kind TEXT NOT NULL,
            observer TEXT NOT NULL,
            observed INTEGER NOT NULL,
            grant_id TEXT,
            settings_digest TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (address, kind)
        ) STRICT, WITHOUT ROWID;

        """

    private static let audit = """
        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            run TEXT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            address TEXT,
            grant_id TEXT,
            detail TEXT,
            code BLOB
        ) STRICT;

        """ + auditClosed

    static let auditClosed = """
        CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
        CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

        """

    /// For the one moment in which the content of a backup takes the place of all that is there.
    static let auditOpened = "DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays;"

    // MARK: Since format 2

    /// What is left of keys that seal nothing any more: the key of their audit codes, sealed under the current one.
    private static let formerKeys = """
        CREATE TABLE former_keys (
            id TEXT PRIMARY KEY,
            audit BLOB NOT NULL,
            retired INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// Consents that wait for a person, one for each slot.
    private static let flows = """
        CREATE TABLE flows (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('code', 'device')),
            profile TEXT NOT NULL,
            subject TEXT NOT NULL,
            client_digest TEXT NOT NULL,
            run TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX flows_by_slot ON flows (profile, subject);

        """

    /// Revocations that failed. The reference keeps their grants, whatever would delete them.
    private static let tombstones = """
        CREATE TABLE tombstones (
            grant_id TEXT PRIMARY KEY REFERENCES grants (id),
            endpoint TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            created INTEGER NOT NULL,
            next_attempt INTEGER,
            problem TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tombstones_by_attempt ON tombstones (next_attempt) WHERE next_attempt IS NOT NULL;

        """

    /// Token endpoints that failed last, and until when nobody should ask them.
    private static let endpoints = """
        CREATE TABLE endpoints (
            url TEXT PRIMARY KEY,
            failures INTEGER NOT NULL,
            open_until INTEGER,
            problem TEXT NOT NULL,
            updated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    // MARK: Since format 3

    /// For whom a grant was given, who gave it, and whether it is in service. Absent in a vault of an older format until somebody
    /// with the key has written to it; after that a row without one is refused.
    private static let grantCodes = "ALTER TABLE grants ADD COLUMN code BLOB;"

    /// How a key follows from a passphrase; absent for one that does not.
    private static let derivations = "ALTER TABLE keys ADD COLUMN derivation TEXT;"
}
