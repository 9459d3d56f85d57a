import KeelBase

/// What accounts take from their profile, worked out once for all of them.
final class ProfileTerms: Sendable {
    let profile: EffectiveProfile
    /// The slot of an application that acts for itself: it has one grant for all its mailboxes.
    private let applicationSlot: ResourceAddress?

    init(_ profile: EffectiveProfile) {
        self.profile = profile
        applicationSlot =
            switch profile.grant {
            case .clientCredentials: .authorization(profile: profile.name, subject: EffectiveAuthorization.application)
            case .authorizationCode, .deviceCode, .password, .jwtBearer: nil
            }
    }

    var address: ResourceAddress { profile.address }
    var grant: GrantType { profile.grant }
    var provider: String? { profile.provider }
    /// What the preset knows, if the profile names one.
    var preset: PresetChoice? { profile.preset }

    /// The slot that an account needs for which this one consents or is acted for.
    func slot(for subject: String) -> ResourceAddress {
        applicationSlot ?? .authorization(profile: address.name, subject: subject)
    }
}
