import KeelBase
import KeelMail
import Testing

struct LoginChoiceTests {
    private static let token = MailLogin.Credential.accessToken(Secret(copying: "token"))
    private static let password = MailLogin.Credential.password(Secret(copying: "password"))
    private static let all = [
        "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER",
    ]

    private static func method(
        _ choice: LoginChoice, _ credential: MailLogin.Credential?, _ mechanisms: [String], command: Bool = false,
        apop: Bool = false, isBindable: Bool = false, isSecure: Bool = true
    ) -> Result<LoginMethod, MailFailure> {
        let offer = LoginOffer(
            mechanisms: mechanisms, takesCommand: command, takesAPOP: apop, isBindable: isBindable)
        return Result { () throws(MailFailure) in
            try choice.method(for: credential, offer: offer, isSecure: isSecure)
        }
    }

    private static let free = LoginChoice(mechanism: nil)

    @Test
    func `a password goes by the strongest method that is offered`() {
        let order: [(String, SASLMechanism)] = [
            ("SCRAM-SHA-256", .scramSHA256), ("SCRAM-SHA-1", .scramSHA1), ("CRAM-MD5", .cramMD5), ("PLAIN", .plain),
            ("LOGIN", .login),
        ]
        var offered = Self.all
        for (name, mechanism) in order {
            #expect(Self.method(Self.free, Self.password, offered, command: true) == .success(.sasl(mechanism)))
            offered.removeAll { $0 == name }
        }
        #expect(Self.method(Self.free, Self.password, offered, command: true, apop: true) == .success(.command))
        #expect(Self.method(Self.free, Self.password, offered, apop: true) == .success(.apop))
        #expect(
            Self.method(Self.free, Self.password, offered)
                == .failure(MailFailure(.mechanismNotOffered(offered: ["XOAUTH2", "OAUTHBEARER"]))))
    }

    @Test
    func `a token goes by a mechanism for tokens and never by another`() {
        #expect(Self.method(Self.free, Self.token, Self.all) == .success(.sasl(.oauthBearer)))
        #expect(Self.method(Self.free, Self.token, ["XOAUTH2", "PLAIN"]) == .success(.sasl(.xoauth2)))
        let microsoft = LoginChoice(mechanism: nil, tokenMechanisms: [.xoauth2])
        #expect(Self.method(microsoft, Self.token, Self.all) == .success(.sasl(.xoauth2)))
        #expect(
            Self.method(microsoft, Self.token, ["OAUTHBEARER"], command: true)
                == .failure(MailFailure(.mechanismNotOffered(offered: ["OAUTHBEARER"]))))
        #expect(
            Self.method(Self.free, Self.token, ["PLAIN", "LOGIN"], command: true, apop: true)
                == .failure(MailFailure(.mechanismNotOffered(offered: ["PLAIN", "LOGIN"]))))
    }

    @Test(arguments: SASLMechanism.allCases)
    func `a declared mechanism that is gone is a failure`(mechanism: SASLMechanism) {
        let declared = LoginChoice(mechanism: mechanism)
        let others = Self.all.filter { $0 != mechanism.rawValue }
        let credential = mechanism == .xoauth2 || mechanism == .oauthBearer ? Self.token : Self.password
        #expect(Self.method(declared, credential, Self.all) == .success(.sasl(mechanism)))
        #expect(
            Self.method(declared, credential, others, command: true, apop: true)
                == .failure(MailFailure(.mechanismNotOffered(offered: others))))
    }

    @Test
    func `a password that SCRAM cannot be given goes by the next mechanism, if there is one`() {
        let odd = MailLogin.Credential.password(Secret(copying: "x²"))
        let refusal = Result<LoginMethod, MailFailure>.failure(MailFailure(.unpreparablePassword))
        #expect(Self.method(Self.free, odd, Self.all) == .success(.sasl(.cramMD5)))
        #expect(Self.method(Self.free, odd, ["SCRAM-SHA-256", "PLAIN"]) == .success(.sasl(.plain)))
        #expect(Self.method(Self.free, odd, ["SCRAM-SHA-256", "SCRAM-SHA-1"]) == refusal)
        #expect(Self.method(LoginChoice(mechanism: .scramSHA1), odd, Self.all) == refusal)
    }

    @Test
    func `without TLS nothing is chosen that shows the credential`() {
        let clear = ["PLAIN", "LOGIN", "XOAUTH2"]
        let refusal = Result<LoginMethod, MailFailure>.failure(MailFailure(.credentialInClear(offered: clear)))
        #expect(Self.method(Self.free, Self.password, clear, command: true, isSecure: false) == refusal)
        #expect(Self.method(Self.free, Self.token, clear, isSecure: false) == refusal)
        #expect(Self.method(LoginChoice(mechanism: .plain), Self.password, clear, isSecure: false) == refusal)
        #expect(
            Self.method(Self.free, Self.password, clear + ["CRAM-MD5"], isSecure: false) == .success(.sasl(.cramMD5)))
        #expect(Self.method(Self.free, Self.password, clear, apop: true, isSecure: false) == .success(.apop))
        #expect(Self.method(Self.free, nil, clear, isSecure: false) == .success(.none))
    }

    @Test
    func `a mechanism that is offered bound alone counts where there is something to bind to`() {
        let bound = ["SCRAM-SHA-256-PLUS", "PLAIN"]
        #expect(Self.method(Self.free, Self.password, bound, isBindable: true) == .success(.sasl(.scramSHA256)))
        #expect(Self.method(Self.free, Self.password, bound) == .success(.sasl(.plain)))
    }
}
