import KeelBase
import KeelOAuth
import KeelVault

/// What the steps of one run hand to each other: secrets, endpoints, tokens and grants. It lives in memory only.
actor RunContext {
    /// A grant that this run obtained or found, with its token.
    struct HeldGrant: Sendable {
        let id: GrantID
        let accessToken: Secret
        /// How it is renewed from now on, where that is not what the vault holds.
        var recipe: Recipe?
        /// Whether it is to come into service with this run: what it lacks is not mended by another token.
        var isNew = false
    }

    /// What a token endpoint gave, and how it was asked.
    struct Issued: Sendable {
        let tokens: KeelOAuth.IssuedTokens
        let terms: GrantTerms
    }

    private var secrets: [ResourceAddress: [String: Secret]] = [:]
    private var metadata: [ResourceAddress: AuthorizationServerMetadata] = [:]
    private var issued: [ResourceAddress: Issued] = [:]
    private var grants: [ResourceAddress: HeldGrant] = [:]
    private var proofs: [ResourceAddress: String] = [:]
    private var seen: [ResourceAddress: SeenServer] = [:]
    private var proven: [(account: Definition, seen: SeenServer)] = []

    /// What servers showed otherwise than before.
    private(set) var changed = ChangedServers()

    func keep(_ secret: Secret, _ field: String, of profile: ResourceAddress) {
        secrets[profile, default: [:]][field] = secret
    }
    func secret(_ field: String, of profile: ResourceAddress) -> Secret? { secrets[profile]?[field] }
    func secrets(of address: ResourceAddress) -> [String: Secret] { secrets[address] ?? [:] }

    func keep(_ found: AuthorizationServerMetadata, of profile: ResourceAddress) { metadata[profile] = found }
    func metadata(of profile: ResourceAddress) -> AuthorizationServerMetadata? { metadata[profile] }

    func keep(_ tokens: Issued, of profile: ResourceAddress) { issued[profile] = tokens }
    /// The tokens that showed that a client is accepted, for the one slot that they are for.
    func takeIssued(of profile: ResourceAddress, for subject: String) -> Issued? {
        guard issued[profile]?.terms.subject == subject else { return nil }
        return issued.removeValue(forKey: profile)
    }

    func keep(_ grant: HeldGrant, of authorization: ResourceAddress) { grants[authorization] = grant }
    func grant(of authorization: ResourceAddress) -> HeldGrant? { grants[authorization] }

    /// `mechanism` says by what something was proven.
    func keep(proofBy mechanism: String, of address: ResourceAddress) { proofs[address] = mechanism }
    func proof(of address: ResourceAddress) -> String? { proofs[address] }

    /// `server` is what the login that proved an account showed.
    func keep(_ server: SeenServer, of account: ResourceAddress) { seen[account] = server }
    /// What these accounts were proven with is in service; returns of how many is noted what was seen.
    func note(proven accounts: [Definition]) -> Int {
        proven += accounts.compactMap { account in seen.removeValue(forKey: account.address).map { (account, $0) } }
        return proven.count
    }
    func takeProven() -> [(account: Definition, seen: SeenServer)] {
        defer { proven = [] }
        return proven
    }
    func note(_ more: ChangedServers) { changed.merge(more) }
}
