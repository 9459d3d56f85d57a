import KeelBase
import KeelMail
import KeelOAuth
import KeelVault

/// What the steps of one run hand to each other: secrets, endpoints and grants. It lives in memory only.
actor RunContext {
    /// A grant that this run obtained or found, with its token.
    struct HeldGrant: Sendable {
        let id: GrantID
        let accessToken: Secret
    }

    private var secrets: [ResourceAddress: [String: Secret]] = [:]
    private var metadata: [ResourceAddress: AuthorizationServerMetadata] = [:]
    private var grants: [ResourceAddress: HeldGrant] = [:]
    private var proofs: [ResourceAddress: LoginProof] = [:]

    func keep(_ secret: Secret, _ field: String, of profile: ResourceAddress) {
        secrets[profile, default: [:]][field] = secret
    }
    func secret(_ field: String, of profile: ResourceAddress) -> Secret? { secrets[profile]?[field] }
    func secrets(of address: ResourceAddress) -> [String: Secret] { secrets[address] ?? [:] }

    func keep(_ found: AuthorizationServerMetadata, of profile: ResourceAddress) { metadata[profile] = found }
    func metadata(of profile: ResourceAddress) -> AuthorizationServerMetadata? { metadata[profile] }

    func keep(_ grant: HeldGrant, of authorization: ResourceAddress) { grants[authorization] = grant }
    func grant(of authorization: ResourceAddress) -> HeldGrant? { grants[authorization] }

    func keep(_ proof: LoginProof, of account: ResourceAddress) { proofs[account] = proof }
    func proof(of account: ResourceAddress) -> LoginProof? { proofs[account] }
}
