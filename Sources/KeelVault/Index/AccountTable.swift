import KeelBase
import KeelCrypto

/// The rows of `accounts`: which grant each account was proven with.
struct AccountTable {
    let vault: String
    let connection: Connection

    static func all(_ connection: Connection) throws(VaultFailure) -> [ResourceAddress: GrantID] {
        let pairs = try connection.rows("SELECT address, grant_id FROM accounts") { row throws(VaultFailure) in
            (try row.address(0), try row.grant(1))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    func point(_ account: ResourceAddress, to grant: GrantID, _ keys: VaultKeys, _ now: Timestamp) throws(VaultFailure)
    {
        try connection.run(
            """
            INSERT INTO accounts (address, grant_id, code, updated) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (address) DO UPDATE SET grant_id = excluded.grant_id, code = excluded.code, updated = excluded.updated
            """,
            .text(account), .grant(grant), .blob(keys.code(.index, fields(account, grant))), .time(now))
    }

    /// Makes the code of an entry anew under the key that seals now, after the one there was verified.
    func renewCode(of account: ResourceAddress, _ keys: VaultKeys) throws(VaultFailure) {
        guard let grant = try grant(for: account, keys) else { return }
        try connection.run(
            "UPDATE accounts SET code = ?2 WHERE address = ?1", .text(account),
            .blob(keys.code(.index, fields(account, grant))))
    }

    func remove(_ account: ResourceAddress) throws(VaultFailure) {
        try connection.run("DELETE FROM accounts WHERE address = ?1", .text(account))
    }

    /// Where an account points to; verified if there are keys.
    func grant(for account: ResourceAddress, _ keys: VaultKeys?) throws(VaultFailure) -> GrantID? {
        try connection.first("SELECT grant_id, code FROM accounts WHERE address = ?1", .text(account)) {
            row throws(VaultFailure) in
            let grant = try row.grant(0)
            try keys?.verify(
                try row.blob(1), .index, fields(account, grant), what: "the index entry of \(account)")
            return grant
        }
    }

    /// Whether any account points to the grant.
    func isUsed(_ grant: GrantID) throws(VaultFailure) -> Bool {
        try connection.first("SELECT 1 FROM accounts WHERE grant_id = ?1", .grant(grant)) { _ throws(VaultFailure) in
            true
        } ?? false
    }

    private func fields(_ account: ResourceAddress, _ grant: GrantID) -> AuthenticatedFields {
        AuthenticatedFields(purpose: "vault/index/v1", vault, account.description, grant.text)
    }
}
