import KeelBase
import KeelPlan
import Testing

/// Manifests of which a test changes what it is about.
enum Manifest {
    static let idp = """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: idp }
        spec:
          issuer: https://login.example.com
          grant: client_credentials
          client: { id: app-1, secret: { fromEnv: SECRET, version: "1" } }
          scopes: [a, b]
          tls: { caFile: idp.pem }
        ---

        """

    static let one = account("one")
    static let two = account("two")
    static let all = idp + one + two

    static func account(_ name: String, _ more: String...) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: \(name), labels: { team: desk } }
        spec:
          type: imap
          server: imap.example.com
          port: 993
          userName: \(name)@example.com
          oauthProfile: idp
          active: true
          debug: false
          tls: { caFile: mail.pem }
        \(more.map { "  \($0)\n" }.joined())---

        """
    }

    static let m365 = """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: m365 }
        spec:
          provider: microsoft365
          tenant: contoso.com
          grant: client_credentials
          client: { id: app-1, secret: { fromEnv: SECRET } }
        ---

        """

    static let supportIn = """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: support-in }
        spec: { type: imap, userName: support@contoso.com, oauthProfile: m365 }
        ---

        """

    /// A profile by which people consent.
    static let desk = """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: desk }
        spec:
          endpoints: { token: "https://login.example.com/token", authorization: "https://login.example.com/auth" }
          grant: authorization_code
          client: { id: app-1, secret: { fromEnv: SECRET, version: "1" } }
          scopes: [mail]
        ---

        """

    /// A profile by which an application acts for one user after another.
    static let robot = desk.replacing(
        "authorization_code", with: "jwt_bearer\n  serviceAccount: { fromFile: robot.json }")

    /// An account whose own mailbox consents, by the profile `desk`.
    static func mailbox(_ name: String, _ more: String...) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: \(name) }
        spec:
          type: imap
          server: imap.example.com
          userName: \(name)@example.com
          oauthProfile: desk
        \(more.map { "  \($0)\n" }.joined())---

        """
    }

    static func moved(_ from: String, _ to: String) -> String {
        "apiVersion: mailkeel/v1\nkind: Moved\nspec: { from: \(from), to: \(to) }\n---\n"
    }

    static func removed(_ address: String) -> String {
        "apiVersion: mailkeel/v1\nkind: Removed\nspec: { address: \(address) }\n---\n"
    }
}

extension Plan {
    /// `EmailAccount/one#test`, in order.
    var stepNames: [String] { steps.map(\.id.description) }

    /// `create EmailAccount/one`
    var changeNames: [String] { changes.map { "\($0.action.rawValue) \($0.address)" } }

    func step(_ name: String) -> Step? { steps.first { $0.id.description == name } }

    func change(_ name: String) -> Change? { changes.first { $0.address.description == name } }

    /// The steps before this one, by name.
    func after(_ name: String) -> [String]? { step(name)?.after.map(\.description) }

    /// The words of the reasons of a change.
    func reasons(_ name: String) -> [String]? { change(name)?.reasons.map(\.text) }

    /// The codes of the reasons of a change.
    func codes(_ name: String) -> [Reason.Code]? { change(name)?.reasons.map(\.code) }

    /// How a slot is filled.
    func way(_ slot: String) -> AuthorizeWork.Way? {
        if case .authorize(let work)? = step("\(slot)#authorize")?.work { work.way } else { nil }
    }

    /// What is committed in the end.
    func planned(_ name: String) -> PlannedRecord? {
        if case .record(.commit(let record))? = step("\(name)#record")?.work { record } else { nil }
    }

    /// The slots to be filled and the accounts to be tested, by name.
    var obtainedNames: [String] { authorized.map(\.id.address.name) }
    var testedNames: [String] { tested.map(\.name) }

    /// Every step stands behind those it waits for, and waits for no step that is not there.
    func expectOrdered(sourceLocation: SourceLocation = #_sourceLocation) {
        var done: Set<StepID> = []
        for step in steps {
            #expect(done.isSuperset(of: step.after), "\(step.id)", sourceLocation: sourceLocation)
            #expect(done.insert(step.id).inserted, "\(step.id)", sourceLocation: sourceLocation)
        }
    }
}
