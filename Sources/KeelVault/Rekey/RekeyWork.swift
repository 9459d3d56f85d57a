import KeelBase
import KeelCrypto

/// One transaction of a rekey.
struct RekeyWork {
    let vault: String
    let keys: VaultKeys
    let connection: Connection
    var progress: RekeyProgress

    /// Throws unless all keys are at hand under which anything may be sealed.
    func requireKeys() throws(VaultFailure) {
        for row in try table.all() where keys.key(row.id) == nil {
            throw VaultFailure(.keyNeeded, "the key \(row.id) is needed, under which a part of it is still sealed")
        }
        guard let current = try table.all().first(where: { $0.status == .current })?.id, current == keys.identifier
        else {
            throw VaultFailure(.conflict, "another change of the key came in between")
        }
    }

    mutating func renewGrants(after last: String, atMost count: Int) throws(VaultFailure) {
        // A grant has about five values: tokens, a recipe and its row.
        let limit = max(1, count / 5)
        let grants = try connection.rows(
            "SELECT id FROM grants WHERE id > ?1 ORDER BY id LIMIT ?2", .text(last), .integer(limit)
        ) { row throws(VaultFailure) in try row.grant(0) }
        for grant in grants { try renew(grant) }
        progress.stage = grants.last.map { grants.count < limit ? .accounts("") : .grants($0.text) } ?? .accounts("")
    }

    mutating func renewAccounts(after last: String, atMost count: Int) throws(VaultFailure) {
        let (index, keys) = (AccountTable(vault: vault, connection: connection), keys)
        let accounts = try connection.rows(
            "SELECT address, grant_id, code FROM accounts WHERE address > ?1 ORDER BY address LIMIT ?2", .text(last),
            .integer(count)
        ) { row throws(VaultFailure) in (try row.address(0), try row.grant(1), try row.blob(2)) }
        for (account, _, code) in accounts where !keys.isCurrent(code: code) {
            try attempt { () throws(VaultFailure) in try index.renewCode(of: account, keys) }
        }
        progress.stage = accounts.last.map { accounts.count < count ? .rest : .accounts($0.0.description) } ?? .rest
    }

    /// Secrets and pending consents: few.
    mutating func renewRest() throws(VaultFailure) {
        let secrets = SecretTable(vault: vault, keys: keys, connection: connection)
        for (name, sealed) in try secrets.sealed() where !keys.isCurrent(sealed: sealed) {
            try attempt { () throws(VaultFailure) in try secrets.reseal(name) }
        }
        let flows = FlowTable(vault: vault, keys: keys, connection: connection)
        for (flow, sealed) in try flows.sealed() where !keys.isCurrent(sealed: sealed) {
            try attempt { () throws(VaultFailure) in try flows.reseal(flow) }
        }
    }

    /// What was written behind us: by a process that has only the former key.
    mutating func renewWrittenMeanwhile() throws(VaultFailure) {
        let known = progress.damaged
        progress.damaged = []
        let sealing = SQLValue.blob(keys.current.sealingIdentifier.bytes)
        let naming = SQLValue.blob(keys.identifier.bytes)
        let grants = try connection.rows(
            """
            SELECT grant_id FROM tokens WHERE substr(sealed, 2, 8) <> ?1
            UNION SELECT grant_id FROM recipes WHERE substr(code, 2, 8) <> ?2
            UNION SELECT id FROM grants WHERE substr(code, 2, 8) <> ?2 ORDER BY 1
            """, sealing, naming
        ) { row throws(VaultFailure) in try row.grant(0) }
        for grant in grants { try renew(grant) }
        let (index, keys) = (AccountTable(vault: vault, connection: connection), keys)
        let accounts = try connection.rows(
            "SELECT address FROM accounts WHERE substr(code, 2, 8) <> ?1 ORDER BY address", naming
        ) { row throws(VaultFailure) in try row.address(0) }
        for account in accounts { try attempt { () throws(VaultFailure) in try index.renewCode(of: account, keys) } }
        progress.damaged = Array(Set(known + progress.damaged)).sorted()
    }

    /// Takes the former keys out of service; false if there are none.
    mutating func finish(_ now: Timestamp) throws(VaultFailure) -> Bool {
        progress.stage = .done
        let retiring = try table.all().filter { $0.status == .retiring }
        for row in retiring {
            if let key = keys.key(row.id) { try table.bury(key, keys, now) }
        }
        try table.resealFormer(keys)
        return !retiring.isEmpty
    }

    private mutating func renew(_ grant: GrantID) throws(VaultFailure) {
        let tokens = TokenTable(vault: vault, keys: keys, connection: connection)
        for place in try tokens.sealed(of: grant) where !keys.isCurrent(sealed: place.sealed) {
            try attempt { () throws(VaultFailure) in try tokens.reseal(place, of: grant) }
        }
        let recipes = RecipeTable(vault: vault, keys: keys, connection: connection)
        if let code = try recipes.code(of: grant), !keys.isCurrent(code: code) {
            try attempt { () throws(VaultFailure) in try recipes.reseal(of: grant) }
        }
        let codes = GrantCodes(vault: vault, keys: keys, connection: connection)
        guard let code = try codes.code(of: grant), !keys.isCurrent(code: code) else { return }
        try attempt { () throws(VaultFailure) in
            _ = try codes.existing(grant)
            try codes.renew(grant)
        }
    }

    /// What does not open stays as it is: a code made anew would call authentic what somebody has changed.
    private mutating func attempt(_ work: () throws(VaultFailure) -> Void) throws(VaultFailure) {
        do throws(VaultFailure) {
            try work()
            progress.renewed += 1
        } catch {
            guard [.notAuthentic, .wrongKey, .corrupt].contains(error.code), error.result == nil else { throw error }
            progress.damaged.append(error.reason)
        }
    }

    private var table: KeyTable { KeyTable(vault: vault, connection: connection) }
}
