import KeelModel
import Testing

/// What `--selector` selects.
struct LabelSelectorTests {
    private static let labels = ["team": "desk", "tier": "prod", "flag": ""]

    @Test(arguments: [
        ("team=desk", true), ("team==desk", true), ("team = desk", true), ("team=sales", false), ("team!=sales", true),
        ("team!=desk", false), ("other!=desk", true), ("team", true), ("other", false), ("!other", true),
        ("! team", false), ("team in (desk,sales)", true), ("team in(desk)", true), ("team in ( sales )", false),
        ("other in (desk)", false), ("team notin (sales,ops)", true), ("team notin (desk)", false),
        ("other notin (desk)", true), ("team=desk,tier=prod", true), ("team=desk, tier=test", false),
        ("team in (desk,ops),!other,tier", true), ("flag", true),
    ])
    func `labels are selected`(text: String, expected: Bool) throws {
        #expect(try LabelSelector(parsing: text).matches(Self.labels) == expected)
    }

    @Test(arguments: [
        ("", 1, "name of a label is missing"), ("team=", 6, "value is missing"), ("=desk", 1, "name of a label"),
        ("team=desk,", 11, "name of a label"), ("team in desk", 9, "parentheses"), ("team in (desk", 14, "not closed"),
        ("team in ()", 10, "value is missing"), ("team desk", 10, "\"desk\" is unknown"),
        ("team=desk tier=prod", 11, "comma"), ("!", 2, "follows !"), ("team=(desk)", 6, "value is missing"),
    ])
    func `what is no selector is refused where it goes wrong`(text: String, column: Int, reason: String) {
        let fault = #expect(throws: LabelSelector.Fault.self) { try LabelSelector(parsing: text) }
        #expect(fault?.column == column)
        #expect(fault?.reason.contains(reason) == true, "\(String(describing: fault))")
    }

    @Test func `it knows the labels that it looks at`() throws {
        #expect(try LabelSelector(parsing: "a=1,!b,c in (x)").labels == ["a", "b", "c"])
    }
}
