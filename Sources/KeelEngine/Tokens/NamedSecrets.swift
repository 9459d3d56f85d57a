import KeelBase
import KeelDiagnostics
import KeelState
import KeelVault

/// The secrets that people put into the vault by name, for manifests that say `fromVault`.
package struct NamedSecrets: Sendable {
    private let paths: ProjectPaths
    private let files: any FileStore
    private let time: any TimeSource
    /// Who does it, for the audit.
    private let actor: String

    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource, actor: String) {
        self.paths = paths
        self.files = files
        self.time = time
        self.actor = actor
    }

    /// Seals a secret under a name, in the vault, which is made where there is none; `findings` says what was made.
    package func set(
        _ secret: Secret, named name: String, _ findings: inout [String]
    ) async throws(EngineFailure) -> SealedSecret {
        try Self.check(name)
        guard !secret.isEmpty else {
            throw Self.failure("vault.empty-secret", "nothing was given to store as \(ForeignText(name))", Self.ways)
        }
        let vault = try await accessor.openOrCreate(&findings)
        return try await using(vault) { vault throws(VaultFailure) in
            let revision = try await vault.setSecret(secret, named: name)
            try await note("secret.set", name, revision, in: vault)
            return SealedSecret(name: name, revision: revision, updated: time.now)
        }
    }

    /// All of them, without what they hold; no key is read. Nil if there is no vault.
    package func list() async throws(EngineFailure) -> [SealedSecret]? {
        let vault: Vault
        do throws(VaultFailure) {
            vault = try await Vault.open(path: paths.vault, files: files, key: nil, access: .readOnly, time: time)
        } catch {
            if error.code == .missing { return nil }
            throw EngineFailure([.local(error, nil, VaultRemedy(place: paths.place))])
        }
        return try await using(vault) { vault throws(VaultFailure) in try await vault.secrets() }
    }

    /// Removes one that nobody uses, or any if `force` says so; false if there is none of that name.
    package func unset(
        _ name: String, usedBy users: [ResourceAddress], force: Bool
    ) async throws(EngineFailure) -> Bool {
        guard try await list()?.contains(where: { $0.name == name }) == true else { return false }
        guard users.isEmpty || force else {
            throw Self.failure(
                "vault.secret-in-use", "\(ForeignText(name)) is the secret of \(Self.words(users))",
                "let the manifests name another source and apply that first; --force removes it all the same, and renewals fail then"
            )
        }
        guard let vault = try await accessor.openIfMade() else { return false }
        return try await using(vault) { vault throws(VaultFailure) in
            guard try await vault.removeSecret(named: name) else { return false }
            try await note("secret.unset", name, nil, in: vault)
            return true
        }
    }

    /// What was committed with a secret of that name, in order.
    package static func users(of name: String, in document: StateDocument?) throws(EngineFailure) -> [ResourceAddress] {
        guard let document else { return [] }
        var users: [ResourceAddress] = []
        do throws(StateFailure) {
            for address in document.addresses {
                guard let fields = try document.committed(address)?.effective.values else { continue }
                let isUser = fields.contains { field in
                    if case .secret(let source) = field.value { source.nameInVault == name } else { false }
                }
                if isUser { users.append(address) }
            }
        } catch {
            throw EngineFailure(error)
        }
        return users
    }

    /// The first few of `users`, for people.
    package static func words(_ users: [ResourceAddress]) -> String {
        let named = users.prefix(4).map(\.description).joined(separator: ", ")
        return users.count > 4 ? "\(named) and \(users.count - 4) more" : named
    }

    /// How a secret is given.
    private static let ways = "give it on standard input, at the prompt, or by --from-file"

    /// A name is shown in plans, and copied from them.
    private static func check(_ name: String) throws(EngineFailure) {
        guard !name.isEmpty, name.utf8.count <= 128, !name.hasSuffix(" "), ForeignText(name).text == name else {
            throw failure(
                "vault.bad-name", "\"\(ForeignText(name))\" is no name for a secret",
                "take 1 to 128 bytes without control characters and without blanks at the ends")
        }
    }

    private func note(_ action: String, _ name: String, _ revision: Int?, in vault: Vault) async throws(VaultFailure) {
        let detail = JSON.present(("name", .string(name)), ("revision", revision.map(JSON.integer)))
        try await vault.record(AuditEntry(run: "vault", actor: actor, action: action, detail: detail.text()))
    }

    private var accessor: VaultAccessor { VaultAccessor(paths: paths, files: files, time: time) }

    private func using<Result>(
        _ vault: Vault, _ body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(EngineFailure) -> Result {
        do throws(VaultFailure) { return try await vault.lent(to: body) } catch {
            throw EngineFailure([.local(error, nil, VaultRemedy(place: paths.place))])
        }
    }

    private static func failure(_ code: String, _ message: String, _ help: String) -> EngineFailure {
        EngineFailure([Diagnostic(.error, code, message, help: help, responsible: .operatorHere)])
    }
}
