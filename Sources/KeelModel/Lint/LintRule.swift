/// What lint checks: settings that are well formed, and that a provider, a keeper or common sense refuses.
///
/// The raw value is the diagnostic's code, and never changes its meaning. Each rule has one row in `Rows`, by family.
package enum LintRule: String, Sendable, CaseIterable {
    // Profiles
    case grantNotOffered = "lint.grant-not-offered"
    case applicationWithoutTenant = "lint.application-without-tenant"
    case passwordGrant = "lint.password-grant"
    case secretOnPublicClient = "lint.secret-on-public-client"
    case secretWithDeviceFlow = "lint.secret-with-device-flow"
    case secretExpires = "lint.secret-expires"
    case secretExpired = "lint.secret-expired"
    case clientInTesting = "lint.client-in-testing"
    case registrationClosed = "lint.registration-closed"
    case clearTextEndpoint = "lint.clear-text-endpoint"
    case reservedParameter = "lint.reserved-parameter"
    case redirectNotLoopback = "lint.redirect-not-loopback"
    case unverifiedPreset = "lint.unverified-preset"
    // Scopes
    case noOfflineAccess = "lint.no-offline-access"
    case defaultScopeMixed = "lint.default-scope-mixed"
    case defaultScopeWithPerson = "lint.default-scope-with-person"
    case delegatedScopeWithApplication = "lint.delegated-scope-with-application"
    case twoResources = "lint.two-resources"
    case workScopeForPersonalAccount = "lint.work-scope-for-personal-account"
    case scopeOfOtherProvider = "lint.scope-of-other-provider"
    case missingMailScope = "lint.missing-mail-scope"
    // Accounts
    case oauthNotOffered = "lint.oauth-not-offered"
    case passwordNotOffered = "lint.password-not-offered"
    case mechanismNotOffered = "lint.mechanism-not-offered"
    case mechanismContradicts = "lint.mechanism-contradicts"
    case userNameNotAddress = "lint.user-name-not-address"
    case sharedMailboxName = "lint.shared-mailbox-name"
    case authorizedAsWithoutEffect = "lint.authorized-as-without-effect"
    case senderPermission = "lint.sender-permission"
    case debug = "lint.debug"
    // Servers
    case clearText = "lint.clear-text"
    case credentialInClear = "lint.credential-in-clear"
    case portSecurity = "lint.port-security"
    case portOfOtherProtocol = "lint.port-of-other-protocol"
    case relayPort = "lint.relay-port"
    case portNotAnswered = "lint.port-not-answered"
    case serverOfOtherProvider = "lint.server-of-other-provider"
    // All resources together
    case unusedProfile = "lint.unused-profile"
    case twoSenders = "lint.two-senders"
    case twoReaders = "lint.two-readers"
    case sensitiveVariable = "lint.sensitive-variable"
    // Silencing
    case allowUnknown = "lint.allow-unknown"
    case allowWithoutReason = "lint.allow-without-reason"
    case allowRefused = "lint.allow-refused"
    case allowUnused = "lint.allow-unused"

    package var description: RuleDescription {
        switch self {
        case .grantNotOffered: .grantNotOffered
        case .applicationWithoutTenant: .applicationWithoutTenant
        case .passwordGrant: .passwordGrant
        case .secretOnPublicClient: .secretOnPublicClient
        case .secretWithDeviceFlow: .secretWithDeviceFlow
        case .secretExpires: .secretExpires
        case .secretExpired: .secretExpired
        case .clientInTesting: .clientInTesting
        case .registrationClosed: .registrationClosed
        case .clearTextEndpoint: .clearTextEndpoint
        case .reservedParameter: .reservedParameter
        case .redirectNotLoopback: .redirectNotLoopback
        case .unverifiedPreset: .unverifiedPreset
        case .noOfflineAccess: .noOfflineAccess
        case .defaultScopeMixed: .defaultScopeMixed
        case .defaultScopeWithPerson: .defaultScopeWithPerson
        case .delegatedScopeWithApplication: .delegatedScopeWithApplication
        case .twoResources: .twoResources
        case .workScopeForPersonalAccount: .workScopeForPersonalAccount
        case .scopeOfOtherProvider: .scopeOfOtherProvider
        case .missingMailScope: .missingMailScope
        case .oauthNotOffered: .oauthNotOffered
        case .passwordNotOffered: .passwordNotOffered
        case .mechanismNotOffered: .mechanismNotOffered
        case .mechanismContradicts: .mechanismContradicts
        case .userNameNotAddress: .userNameNotAddress
        case .sharedMailboxName: .sharedMailboxName
        case .authorizedAsWithoutEffect: .authorizedAsWithoutEffect
        case .senderPermission: .senderPermission
        case .debug: .debug
        case .clearText: .clearText
        case .credentialInClear: .credentialInClear
        case .portSecurity: .portSecurity
        case .portOfOtherProtocol: .portOfOtherProtocol
        case .relayPort: .relayPort
        case .portNotAnswered: .portNotAnswered
        case .serverOfOtherProvider: .serverOfOtherProvider
        case .unusedProfile: .unusedProfile
        case .twoSenders: .twoSenders
        case .twoReaders: .twoReaders
        case .sensitiveVariable: .sensitiveVariable
        case .allowUnknown: .allowUnknown
        case .allowWithoutReason: .allowWithoutReason
        case .allowRefused: .allowRefused
        case .allowUnused: .allowUnused
        }
    }
}
