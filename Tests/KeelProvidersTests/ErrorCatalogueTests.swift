import KeelBase
import KeelProviders
import Testing

struct ErrorCatalogueTests {
    /// Microsoft's numbers that people with mail accounts meet, as its pages and their reports name them.
    private static let numbers = [
        50011, 50020, 50034, 51004, 90072, 500011, 650057, 65005, 50053, 50055, 50144, 50057, 50059, 90019, 50128,
        50072,
        50074, 50076, 50078, 50079, 50097, 53000, 53001, 530003, 50105, 50126, 50158, 50131, 50173, 50194, 50196,
        501481,
        50147, 53003, 530032, 530035, 53004, 54005, 65001, 65004, 650052, 650056, 70000, 70001, 7000112, 700016, 700011,
        70002, 7000215, 7000222, 7000218, 700025, 700027, 50012, 700030, 50013, 70008, 700082, 700084, 70011, 28002,
        700022, 700023, 70016, 70018, 70019, 90119, 90120, 70043, 90002, 90038, 900382, 900432, 9001023, 90124, 90130,
        9002332, 500208, 900144, 90014, 90009, 90033, 90006, 90012, 90024, 50033, 50087, 90055, 90094, 90095,
    ]

    private static let names = [
        "oauth.invalid_request", "oauth.invalid_client", "oauth.invalid_grant", "oauth.unauthorized_client",
        "oauth.unsupported_grant_type", "oauth.invalid_scope", "oauth.access_denied", "oauth.unsupported_response_type",
        "oauth.server_error", "oauth.temporarily_unavailable", "oauth.interaction_required", "oauth.login_required",
        "oauth.consent_required", "oauth.account_selection_required", "oauth.authorization_pending", "oauth.slow_down",
        "oauth.expired_token", "oauth.unsupported_token_type", "oauth.invalid_target", "oauth.invalid_request_uri",
        "oauth.invalid_token", "oauth.insufficient_scope", "microsoft.authorization_declined",
        "microsoft.bad_verification_code", "microsoft.bad_token", "microsoft.token_expired", "microsoft.basic_action",
        "google.invalid_grant", "google.invalid_rapt", "google.invalid_grant.jwt_bearer",
        "google.unauthorized_client.jwt_bearer", "google.unauthorized_client", "google.invalid_client",
        "google.invalid_request", "google.invalid_scope", "google.redirect_uri_mismatch", "google.access_denied",
        "google.admin_policy_enforced", "google.org_internal", "google.disallowed_useragent", "google.no_refresh_token",
        "google.insufficient_scope", "yahoo.invalid_scope", "yandex.invalid_grant",
    ]

    @Test(arguments: numbers)
    func `a number of Microsoft's is found however it is written`(number: Int) throws {
        let entry = try #require(ErrorCatalogue.entry(for: ErrorSigns("unheard_of", numbers: [number])))
        #expect(entry.name == "AADSTS\(number)")
        #expect(entry.link == "https://login.microsoftonline.com/error?code=\(number)")
        #expect(ErrorCatalogue.failureClass(number: number) == entry.failureClass)
        for text in ["AADSTS\(number)", "aadsts\(number)", "\(number)", "microsoft \(number)"] {
            #expect(ErrorCatalogue.entries(meant: text) == [entry], "\(text)")
        }
    }

    @Test(arguments: names)
    func `an error is found by its name and by its code`(name: String) throws {
        let entry = try #require(ErrorCatalogue.entry(named: name))
        #expect(ErrorCatalogue.entries(meant: name).first == entry)
        #expect(
            ErrorCatalogue.entries(meant: name.replacing(".", with: " ")).first == entry
                || name.split(separator: ".").count > 2)
        #expect(ErrorCatalogue.entries(meant: entry.code.uppercased()).contains(entry))
    }

    @Test func `each row has a name of its own`() {
        #expect(Set(ErrorCatalogue.all.map(\.name)).count == ErrorCatalogue.all.count)
    }

    @Test(arguments: ErrorCatalogue.all.map(\.name))
    func `each row says what happened, whose move it is and what mends it`(name: String) throws {
        let entry = try #require(ErrorCatalogue.entry(named: name))
        expectReadable(entry.meaning)
        #expect(entry.cause.count <= 80, "\(entry.name): \(entry.cause.count)")
        #expect(entry.fix.first?.isLowercase == true, "\(entry.name)")
        #expect(entry.more?.hasSuffix(".") ?? true, "\(entry.name)")
        // Only what may pass by itself asks nobody.
        #expect(entry.responsible != .nobody || entry.failureClass.mayPass, "\(entry.name)")
    }

    @Test(arguments: ErrorCatalogue.all.map(\.name))
    func `no row advises to throw away what cannot be had again`(name: String) throws {
        let entry = try #require(ErrorCatalogue.entry(named: name))
        let words = "\(entry.fix) \(entry.more ?? "")".lowercased()
        for verb in ["delete", "discard", "forget", "purge", "destroy", "revoke the", "remove the token"] {
            #expect(!words.contains(verb), "\(entry.name): \(verb)")
        }
    }

    static let answers: [(ErrorSigns, String?)] = [
        (ErrorSigns("invalid_client", numbers: [7_000_222], origin: .microsoft), "AADSTS7000222"),
        (ErrorSigns("invalid_client", numbers: [1, 7_000_222]), "AADSTS7000222"),
        (ErrorSigns("invalid_client", numbers: [1]), "oauth.invalid_client"),
        (ErrorSigns("invalid_grant", suberror: "bad_token", origin: .microsoft), "microsoft.bad_token"),
        (ErrorSigns("invalid_grant", suberror: "invalid_rapt", origin: .google), "google.invalid_rapt"),
        (ErrorSigns("invalid_grant", suberror: "unheard_of", origin: .google), "google.invalid_grant"),
        (ErrorSigns("invalid_grant", suberror: "invalid_rapt", origin: .yandex), "yandex.invalid_grant"),
        (ErrorSigns("invalid_grant", origin: .google, grant: .jwtBearer), "google.invalid_grant.jwt_bearer"),
        (ErrorSigns("invalid_grant", grant: .jwtBearer), "oauth.invalid_grant.jwt_bearer"),
        (
            ErrorSigns("unauthorized_client", origin: .google, grant: .jwtBearer),
            "google.unauthorized_client.jwt_bearer"
        ),
        (ErrorSigns("unauthorized_client", grant: .jwtBearer), "oauth.unauthorized_client.jwt_bearer"),
        (ErrorSigns("unauthorized_client"), "oauth.unauthorized_client"),
        (ErrorSigns("invalid_client", grant: .jwtBearer), "oauth.invalid_client.jwt_bearer"),
        (ErrorSigns("invalid_grant", grant: .password), "oauth.invalid_grant.password"),
        (ErrorSigns("invalid_grant"), "oauth.invalid_grant"),
        (ErrorSigns("invalid_scope", origin: .google, grant: .deviceCode), "google.invalid_scope.device_code"),
        (ErrorSigns("authorization_declined"), "microsoft.authorization_declined"),
        (ErrorSigns("unheard_of", origin: .google), nil),
    ]

    @Test(arguments: answers)
    func `the finest sign that is known explains an answer`(signs: ErrorSigns, name: String?) {
        #expect(ErrorCatalogue.entry(for: signs)?.name == name)
    }

    @Test(arguments: ["", " ", "AADSTS", "AADSTS1", "invalid", "a b c", "google unheard_of", "٧٠٠٠٢٢٢"])
    func `what nobody knows is nothing`(text: String) {
        #expect(ErrorCatalogue.entries(meant: text).isEmpty)
    }

    @Test func `a code that several say is shown for any provider first`() {
        let names = ErrorCatalogue.entries(meant: "invalid_grant").map(\.name)
        #expect(names.first == "oauth.invalid_grant")
        #expect(names.contains("google.invalid_grant") && names.contains("yandex.invalid_grant"))
    }

    static let hosts: [(String, ErrorOrigin?)] = [
        ("login.microsoftonline.com", .microsoft), ("login.microsoftonline.us", .microsoft),
        ("login.partner.microsoftonline.cn", .microsoft), ("oauth2.googleapis.com", .google),
        ("accounts.google.com", .google), ("evilgoogleapis.com", nil), ("example.com", nil),
    ]

    @Test(arguments: hosts)
    func `a host tells who speaks`(host: String, origin: ErrorOrigin?) {
        #expect(ErrorOrigin(host: host) == origin)
    }
}
