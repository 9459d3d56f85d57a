import KeelBase
import KeelCrypto

/// What came of opening everything that is in a vault.
package struct VaultVerification: Sendable, Hashable {
    /// How many values and codes are as they were written.
    package internal(set) var sound = 0
    /// What is wrong, each in words. Never holds a stored value.
    package internal(set) var findings: [String] = []

    mutating func attempt(_ check: () throws(VaultFailure) -> Void) throws(VaultFailure) {
        do throws(VaultFailure) {
            try check()
            sound += 1
        } catch {
            guard error.result == nil else { throw error }
            findings.append(error.reason)
        }
    }
}

extension Vault {
    /// Opens every sealed value and verifies every code, and the whole audit. It goes on after what is wrong.
    package func verify() async throws(VaultFailure) -> VaultVerification {
        try await checkIntegrity()
        let keys = try needKeys()
        var verification = try await reading { connection throws(VaultFailure) in
            var verification = VaultVerification()
            let codes = codes(connection, keys)
            for grant in try GrantTable.all(connection) {
                try verification.attempt { () throws(VaultFailure) in try codes.verify(grant) }
                try verify(grant.id, keys, connection, &verification)
            }
            let index = AccountTable(vault: id, connection: connection)
            for account in try AccountTable.all(connection).keys.sorted() {
                try verification.attempt { () throws(VaultFailure) in _ = try index.grant(for: account, keys) }
            }
            let secrets = SecretTable(vault: id, keys: keys, connection: connection)
            for (name, _) in try secrets.sealed() {
                try verification.attempt { () throws(VaultFailure) in _ = try secrets.open(name) }
            }
            guard try VaultFormat.isAtLeast(2, connection) else { return verification }
            let flows = FlowTable(vault: id, keys: keys, connection: connection)
            for (flow, _) in try flows.sealed() {
                try verification.attempt { () throws(VaultFailure) in _ = try flows.opened(flow) }
            }
            return verification
        }
        do throws(VaultFailure) {
            try await verifyAudit()
            verification.sound += 1
        } catch {
            guard error.result == nil, error.code != .locked else { throw error }
            verification.findings.append(error.reason)
        }
        return verification
    }

    private func verify(
        _ grant: GrantID, _ keys: VaultKeys, _ connection: Connection, _ verification: inout VaultVerification
    ) throws(VaultFailure) {
        let tokens = TokenTable(vault: id, keys: keys, connection: connection)
        for token in try tokens.sealed(of: grant) {
            try verification.attempt { () throws(VaultFailure) in try tokens.verify(token, of: grant) }
        }
        let recipes = RecipeTable(vault: id, keys: keys, connection: connection)
        try verification.attempt { () throws(VaultFailure) in
            guard try recipes.read(of: grant) != nil else {
                throw VaultFailure(.corrupt, "grant \(grant) has lost its recipe")
            }
        }
    }
}
