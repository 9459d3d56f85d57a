import KeelBase
import KeelProviders

/// What accounts take from their profile, worked out once for all of them.
final class ProfileTerms: Sendable {
    private let profile: EffectiveProfile
    /// What the preset knows, if the profile names one.
    let preset: Preset?
    /// The slot of an application that acts for itself: it has one grant for all its mailboxes.
    private let applicationSlot: ResourceAddress?

    struct Preset: Sendable {
        let origin: EffectiveValue.Origin
        let cloud: ProviderPreset.Cloud
    }

    init(_ profile: EffectiveProfile) {
        self.profile = profile
        let cloudName = profile.spec.value("cloud")?.text
        preset = profile.provider.flatMap(ProviderPreset.named).flatMap { preset in
            preset.cloud(cloudName).map {
                Preset(origin: .preset(name: preset.name, version: preset.version), cloud: $0)
            }
        }
        applicationSlot =
            switch profile.grant {
            case .clientCredentials: .authorization(profile: profile.name, subject: "(app)")
            case .authorizationCode, .deviceCode, .password, .jwtBearer: nil
            }
    }

    var address: ResourceAddress { profile.address }
    var grant: GrantType { profile.grant }

    /// The slot that an account needs for which this one consents or is acted for.
    func slot(for subject: String) -> ResourceAddress {
        applicationSlot ?? .authorization(profile: address.name, subject: subject)
    }

    /// A slot of the profile, before anybody needs it.
    func authorization(_ slot: ResourceAddress) -> EffectiveAuthorization { EffectiveAuthorization(slot, of: profile) }
}
