import KeelBase
import KeelProviders

/// An account with what the rules about it need to know.
struct LintedAccount {
    let account: EffectiveAccount
    /// Nil unless it authenticates by oauth2.
    let profile: LintedProfile?
    /// The providers whose server it uses; several clouds may share one.
    let servers: [KnownProvider]

    var spec: EffectiveSpec { account.spec }

    /// The provider whose rules hold: that of the server, else that of the profile.
    ///
    /// Tokens of a provider may be meant for somebody else's servers, which have rules of their own.
    var provider: KnownProvider? {
        guard let first = servers.first else { return nil }
        guard let own = profile?.provider?.name ?? account.preset?.preset.name else { return first }
        return servers.first { $0.name == own } ?? first
    }
}
