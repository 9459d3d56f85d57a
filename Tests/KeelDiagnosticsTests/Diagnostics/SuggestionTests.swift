import KeelDiagnostics
import Testing

struct SuggestionTests {
    private let fields = ["server", "port", "userName", "userLabel", "from", "type", "oauthProfile", "authentication"]

    @Test(arguments: [
        ("sever", "server"), ("sevrer", "server"), ("SERVER", "server"), ("username", "userName"),
        ("user_name", "userName"), ("oauth_profile", "oauthProfile"), ("prot", "port"), ("form", "from"),
        ("authentification", "authentication"), ("tpye", "type"),
    ])
    func `a mistyped name finds the one that was meant`(typed: String, meant: String) {
        #expect(Suggestion.nearest(to: typed, among: fields) == meant)
    }

    @Test(arguments: ["", "x", "host", "password", "po", String(repeating: "server", count: 1000)])
    func `a name that is not near to any has no suggestion`(typed: String) {
        #expect(Suggestion.nearest(to: typed, among: fields) == nil)
    }

    @Test func `a name in other case wins over one with an edit`() {
        #expect(Suggestion.nearest(to: "PORT", among: ["port1", "port"]) == "port")
    }

    @Test func `of equally near names the first wins`() {
        #expect(Suggestion.nearest(to: "prod", among: ["prob", "prop"]) == "prob")
    }
}
