import KeelBase
import Testing

struct SecretSourceTests {
    private static let sources: [(SecretSource, json: String, summary: String)] = [
        (SecretSource(.environment("A")), #"{"fromEnv":"A"}"#, "fromEnv A"),
        (SecretSource(.environment("A"), version: "2"), #"{"fromEnv":"A","version":"2"}"#, "fromEnv A, version 2"),
        (SecretSource(.file("k/secret")), #"{"fromFile":"k/secret"}"#, "fromFile k/secret"),
        (SecretSource(.vault("m365")), #"{"fromVault":"m365"}"#, "fromVault m365"),
        (
            SecretSource(.command(["pass", "show", "a b"]), version: "1"),
            #"{"fromCommand":["pass","show","a b"],"version":"1"}"#, "fromCommand pass show a b, version 1"
        ),
    ]

    @Test(arguments: sources)
    func `a source is written and read`(source: SecretSource, json: String, summary: String) throws {
        #expect(source.json.text() == json)
        #expect(SecretSource(json: try JSON(parsing: Array(json.utf8))) == source)
        #expect(source.summary == summary)
    }

    @Test(arguments: [
        #"{}"#, #"{"version":"1"}"#, #"{"fromEnv":1}"#, #"{"fromEnv":["A"]}"#, #"{"fromCommand":"pass"}"#,
        #"{"fromCommand":["a",1]}"#, #"{"fromEnv":"A","fromFile":"b"}"#, #"{"fromEnv":"A","version":1}"#,
        #"{"fromEnv":"A","version":"1","x":"y"}"#, #"{"fromKeyring":"A"}"#, #""A""#, #"["A"]"#, "null",
    ])
    func `anything else is no source`(json: String) throws {
        #expect(SecretSource(json: try JSON(parsing: Array(json.utf8))) == nil)
    }
}
