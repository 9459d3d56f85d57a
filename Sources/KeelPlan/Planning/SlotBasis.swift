import KeelBase
import KeelModel
import KeelState

/// What a slot remembers of its profile: as which application its grant was obtained, and with what.
///
/// A profile is committed as soon as its client is accepted. Its slots follow one by one, and some of them wait for a
/// person. So each slot knows by itself whether it stands on the profile as that is now.
struct SlotBasis {
    /// Values of a slot that are compared, and are not for people.
    private static let names: Set<String> = ["application", "credentials"]

    private let application: String
    private let credentials: String

    init(_ profile: EffectiveProfile) {
        var application = RecordDigest()
        var credentials = RecordDigest()
        profile.spec.visitSettings { name, value in
            switch FieldTable.oauthProfile.definition(name)?.effect {
            case .identity: application.effective(name, value)
            // A slot has scopes of its own.
            case .consent where name == ProfileField.scopes.definition.name: break
            default: credentials.effective(name, value)
            }
        }
        self.application = application.hexadecimal()
        self.credentials = credentials.hexadecimal()
    }

    /// The slot's values, with what it is to remember.
    func values(of slot: EffectiveAuthorization) -> [String: EffectiveValue] {
        var values = slot.effective
        values["application"] = EffectiveValue(.text(application), .manifest)
        values["credentials"] = EffectiveValue(.text(credentials(of: slot)), .manifest)
        return values
    }

    /// Where a user's password is asked for, it belongs to what the grant was obtained with.
    private func credentials(of slot: EffectiveAuthorization) -> String {
        guard let password = slot.password else { return credentials }
        var digest = RecordDigest()
        digest.effective("credentials", .text(credentials))
        digest.effective(AccountField.password.definition.name, .secret(password))
        return digest.hexadecimal()
    }

    /// Why a slot that was committed with these values is filled again. `otherwise` is the reason for one that remembers
    /// nothing, because an older version committed it.
    func cause(
        of slot: EffectiveAuthorization, since committed: [String: EffectiveValue],
        otherwise: PlanDraft.TokenCause?
    ) -> PlanDraft.TokenCause? {
        guard let was = committed["application"]?.value else { return otherwise }
        if was != .text(application) { return .identity }
        return committed["credentials"]?.value == .text(credentials(of: slot)) ? nil : .other
    }

    /// The values of a slot that people are shown.
    static func shown(_ values: [String: EffectiveValue]) -> [String: EffectiveValue] {
        values.filter { !names.contains($0.key) }
    }
}
