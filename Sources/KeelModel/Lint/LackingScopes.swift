import KeelBase

/// The profiles whose scopes do not allow what their accounts do.
struct LackingScopes {
    struct Lack {
        let profile: LintedProfile
        /// The first account that needs more.
        let first: EffectiveAccount
        var types: Set<MailProtocol>
    }

    private var lacks: [ResourceAddress: Lack] = [:]

    var all: [Lack] { lacks.values.sorted { $0.profile.spec.address < $1.profile.spec.address } }

    mutating func note(_ account: EffectiveAccount, _ profile: LintedProfile) {
        let address = profile.spec.address
        if lacks[address] == nil { lacks[address] = Lack(profile: profile, first: account, types: []) }
        lacks[address]?.types.insert(account.type)
    }
}
