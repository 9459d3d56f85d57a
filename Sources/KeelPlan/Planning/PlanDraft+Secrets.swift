import KeelBase
import KeelModel
import KeelState

/// A secret of a committed resource, and to whom it has been shown: the origin of a token endpoint, or a mail server's name.
struct KnownSecret {
    let owner: ResourceAddress
    let source: SecretSource
    let place: String
}

extension PlanDraft {
    /// Also those of resources that are gone from the manifests.
    func committedSecrets() -> [KnownSecret] {
        guard let state = renames.state else { return [] }
        func values(_ address: ResourceAddress) -> [String: EffectiveValue]? {
            try? state.record(address)?.committed?.effective
        }
        return state.addresses.compactMap { address in
            guard address.kind != .authorization, let own = values(address),
                let source = own[address.kind == .oauthProfile ? "client.secret" : "password"]?.value.secret
            else { return nil }
            // By the password grant a user's password goes where the tokens come from.
            let profile =
                address.kind == .oauthProfile
                ? own : own["oauthProfile"]?.value.text.flatMap { values(ResourceAddress(.oauthProfile, $0)) }
            let place = profile.flatMap(Self.origin) ?? own["server"]?.value.text
            return place.map { KnownSecret(owner: address, source: source, place: $0) }
        }
    }

    /// Why it matters that the account names a secret which somebody else sends elsewhere.
    mutating func borrowedPassword(_ account: EffectiveAccount) -> Reason? {
        guard let password = account.password else { return nil }
        let profile = account.profile.flatMap { profiles[$0] }
        return NewHost.reason(
            secret: password, place: profile?.tokenOrigin ?? account.endpoint.host,
            unlike: knownSecrets.filter { $0.owner != account.address })
    }

    /// Why it matters that the profile names such a secret.
    mutating func borrowedSecret(_ profile: EffectiveProfile) -> Reason? {
        guard let secret = profile.clientSecret else { return nil }
        return NewHost.reason(
            secret: secret, place: profile.tokenOrigin, unlike: knownSecrets.filter { $0.owner != profile.address })
    }

    private static func origin(_ values: [String: EffectiveValue]) -> String? {
        for field in ["endpoints.token", "issuer"] {
            if case .text(let text)? = values[field]?.value { return (try? EndpointURL(parsing: text))?.origin }
        }
        return nil
    }
}

extension EffectiveProfile {
    /// Where its secrets are sent.
    fileprivate var tokenOrigin: String {
        switch endpoints {
        case .given(let url): url.origin
        case .discovered(let issuer, _): issuer.origin
        }
    }
}
