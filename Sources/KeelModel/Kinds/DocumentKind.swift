import KeelBase

/// What a manifest can be: the declaration of resources, a word about addresses that were committed, or the project.
package enum DocumentKind: String, Sendable, CaseIterable {
    case emailAccount = "EmailAccount"
    /// Accounts made from one template.
    case emailAccountSet = "EmailAccountSet"
    case oauthProfile = "OAuthProfile"
    /// A rename: what is committed at one address goes on at another.
    case moved = "Moved"
    /// The end of management without destroying anything.
    case removed = "Removed"
    /// What holds for the whole project; only in its own file.
    case project = "Project"

    /// What the document is about; empty for a kind that does not speak of addresses.
    package var addressFields: [AddressField] {
        switch self {
        case .emailAccount, .emailAccountSet, .oauthProfile, .project: []
        case .moved: [.from, .to]
        case .removed: [.address]
        }
    }

    /// One sentence for people.
    package var documentation: String {
        switch self {
        case .emailAccount: "An account at a mail server, in service once a login has proven it."
        case .emailAccountSet: "Accounts made from templates, one or more for each item of a list or row of a CSV file."
        case .oauthProfile: "An application registered at an OAuth provider, and how tokens are obtained with it."
        case .moved: "A rename: what is committed at one address goes on at another. It declares nothing."
        case .removed: "The end of management without destroying anything. It declares nothing."
        case .project: "What holds for the whole project; only in `mailkeel.yaml`, which is optional."
        }
    }

    /// All names, for people: `EmailAccount, ... and Project`.
    package static var names: String {
        let names = allCases.map(\.rawValue)
        return "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")"
    }
}

extension ResourceKind {
    /// The kinds that manifests declare; authorizations follow from them.
    static let declared: [ResourceKind] = [.emailAccount, .oauthProfile]
}

/// A field under the `spec` of `Moved` and `Removed`. All of a kind's fields are required, and each holds an address.
package enum AddressField: String, Sendable, CaseIterable {
    case from, to, address

    /// One line for people.
    package var documentation: String {
        switch self {
        case .from: "The address under which the resource was committed."
        case .to: "The address under which it goes on, declared in these manifests."
        case .address: "The address that is no longer managed; what stands behind it is left alone."
        }
    }

    package var example: String {
        switch self {
        case .from: "EmailAccount/support"
        case .to: "EmailAccount/support-in"
        case .address: "EmailAccount/old-alerts"
        }
    }
}
