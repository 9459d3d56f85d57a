import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelTestSupport
import KeelVault
import Testing

/// One person by the tokens of Microsoft's directory: `sub` differs with what a token is for, and the issuer with its version.
struct DirectoryIdentityTests {
    private static let tenant = "5a1bd6c4-7f04-4be6-a5a4-1f2f6b3f8e11"
    private static let person = "0f2c9b58-52f0-4a0b-8a6e-93b3a9d0c7de"
    private static let pin = "\(person).\(tenant)"

    /// An access token of version 1, whose subject is paired with the resource.
    private static func access(oid: String? = person, upn: String? = OnePerson.subject) -> String {
        var claims: [String: JSON] = [
            "iss": .string("https://sts.windows.net/\(tenant)/"), "sub": "of-the-mail-host", "tid": .string(tenant),
        ]
        claims["oid"] = oid.map(JSON.string)
        claims["upn"] = upn.map(JSON.string)
        return EngineRig.unsignedToken(claims).revealText()
    }

    /// An ID token of version 2, whose subject is paired with the client. It has `oid` where the scope `profile` was asked for.
    private static func id(oid: String? = nil, tenant: String = tenant, name: String? = OnePerson.subject)
        -> [String: JSON]
    {
        var claims: [String: JSON] = [
            "iss": .string("https://login.microsoftonline.com/\(tenant)/v2.0"), "sub": "of-the-client",
            "tid": .string(tenant),
        ]
        claims["oid"] = oid.map(JSON.string)
        claims["preferred_username"] = name.map(JSON.string)
        return claims
    }

    private static func take(
        _ rig: EngineRig, _ id: [String: JSON]?, access: String = "opaque", pinning subject: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        rig.clock.advance(seconds: 1)
        let grant = try await rig.take(OnePerson.tokens(rig, id: id, access: access), for: OnePerson.slot)
        let found = try await rig.snapshot().grants[grant]?.providerSubject
        #expect(found == subject, sourceLocation: sourceLocation)
    }

    @Test func `a person is the same by an access token, by an ID token, and by both`() async throws {
        try await OnePerson.run { rig in
            try await Self.take(rig, nil, access: Self.access(), pinning: Self.pin)
            // The scope openid was added.
            try await Self.take(rig, Self.id(), access: Self.access(), pinning: Self.pin)
            try await Self.take(rig, Self.id(oid: Self.person), pinning: Self.pin)
            try await Self.take(rig, nil, access: Self.access(), pinning: Self.pin)
        }
    }

    @Test func `a person with another object id is another one, whatever the name`() async throws {
        try await OnePerson.run { rig in
            try await Self.take(rig, nil, access: Self.access(), pinning: Self.pin)
            let other = "11111111-2222-3333-4444-555555555555"
            for tokens in [
                OnePerson.tokens(rig, id: Self.id(oid: other)),
                OnePerson.tokens(rig, access: Self.access(oid: other)),
                OnePerson.tokens(rig, id: Self.id(oid: Self.person, tenant: other)),
            ] {
                #expect(
                    try await rig.refusal(of: tokens, for: OnePerson.slot).diagnostic.code == "identity.changed")
            }
        }
    }

    @Test func `a token that does not tell the object id is believed for its name, and for nothing else`() async throws
    {
        try await OnePerson.run { rig in
            try await Self.take(rig, nil, access: Self.access(), pinning: Self.pin)
            let nameless = OnePerson.tokens(rig, id: Self.id(name: nil))
            #expect(try await rig.refusal(of: nameless, for: OnePerson.slot).diagnostic.code == "identity.unknown")
            let other = OnePerson.tokens(rig, id: Self.id(name: "other@example.com"))
            #expect(try await rig.refusal(of: other, for: OnePerson.slot).diagnostic.code == "identity.mismatch")
            try await Self.take(rig, Self.id(), pinning: "of-the-client")
        }
    }

    @Test func `what the provider says when it is asked takes the place of the ID token's own subject`() async throws {
        try await OnePerson.run { rig in
            let answer = JSON.object([
                .init("active", true), .init("username", .string(OnePerson.subject)), .init("sub", "of-the-client"),
                .init("iss", .string("https://login.microsoftonline.com/\(Self.tenant)/v2.0")),
                .init("oid", .string(Self.person)), .init("tid", .string(Self.tenant)),
            ])
            rig.transport.respond { request throws(ConnectionFailure) in
                request.url.description == OnePerson.introspection ? .json(answer) : HTTPResponse(status: 404)
            }
            try await Self.take(
                rig, ["iss": "https://login.example.com", "sub": "of-the-client"], pinning: Self.pin)
        }
    }

    /// What earlier versions pinned.
    private static func pinned(_ rig: EngineRig, _ subject: String, _ issuer: String) async throws {
        let grant = try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
        try await rig.withVault { try await $0.recordIdentity(of: grant, issuer: issuer, subject: subject) }
        rig.clock.advance(seconds: 1)
    }

    @Test(
        arguments: [
            ("of-the-mail-host", "https://sts.windows.net/\(tenant)/"),
            ("of-the-client", "https://login.microsoftonline.com/\(tenant)/v2.0"),
            (person, "https://sts.windows.net/\(tenant)/"),
        ])
    func `the pin of an older vault holds, and the object id takes its place`(
        subject: String, issuer: String
    ) async throws {
        try await OnePerson.run { rig in
            try await Self.pinned(rig, subject, issuer)
            try await Self.take(rig, Self.id(), access: Self.access(), pinning: Self.pin)
        }
    }

    @Test func `the pin of an older vault tells another person by a token of its kind`() async throws {
        try await OnePerson.run { rig in
            try await Self.pinned(rig, "of-somebody-else", "https://sts.windows.net/\(Self.tenant)/")
            let tokens = OnePerson.tokens(rig, id: Self.id(), access: Self.access())
            #expect(try await rig.refusal(of: tokens, for: OnePerson.slot).diagnostic.code == "identity.changed")
            // A subject of the other kind tells nothing.
            try await Self.take(rig, Self.id(), pinning: "of-the-client")
        }
    }

    // MARK: Clients

    @Test func `who was accepted for a client is known when it comes back`() async throws {
        try await OnePerson.run { rig in
            let first = try #require(try rig.text("\(rig.paths.directory)/mail.yaml"))
            try await rig.take(OnePerson.tokens(rig, id: ["email": "one@example.com"]), for: OnePerson.slot)
            rig.clock.advance(seconds: 1)
            try rig.write(first.replacing("app-2", with: "app-3"))
            let elsewhere: [String: JSON] = ["email": "one@example.com", "aud": "app-3", "sub": "person-of-app-3"]
            try await rig.take(OnePerson.tokens(rig, id: elsewhere), for: OnePerson.slot)
            rig.clock.advance(seconds: 1)
            try rig.write(first)
            let other = OnePerson.tokens(rig, id: ["email": "one@example.com", "sub": "person-9"])
            #expect(try await rig.refusal(of: other, for: OnePerson.slot).diagnostic.code == "identity.changed")
            try await rig.take(OnePerson.tokens(rig, id: ["email": "uno@example.com"]), for: OnePerson.slot)
        }
    }
}
