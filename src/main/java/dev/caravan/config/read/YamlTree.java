package dev.caravan.config.read;

import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Origin;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.Written.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads YAML text into a tree that remembers positions; what is not understood is a finding. */
final class YamlTree {
  /** A configuration has hundreds of nodes; aliases could make billions out of a few lines. */
  private static final int MOST_NODES = 100_000;

  private static final Set<Tag> TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.SEQ, Tag.MAP, Tag.ENV_TAG);

  private final String file;
  private final Findings findings;
  private final Set<Node> around = Collections.newSetFromMap(new IdentityHashMap<>());
  private int nodes;

  private YamlTree(String file, Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  /** The tree; empty when the text is empty or is no YAML, which is then a finding. */
  static Optional<Written> parse(String text, String file, Findings findings) {
    YamlTree tree = new YamlTree(file, findings);
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setMaxAliasesForCollections(1000).build();
    try {
      return new Compose(settings).composeString(text).map(node -> tree.convert(node, ""));
    } catch (ReaderException e) {
      Origin at = tree.position(text, e.getPosition());
      findings.add(at, "", "a character that YAML does not allow", "retype it or escape it");
    } catch (MarkedYamlEngineException e) {
      tree.syntax(e, text);
    } catch (YamlEngineException e) {
      findings.add(tree.start(), "", "is not YAML that can be read", "");
    } catch (StackOverflowError e) {
      // The parser has no limit on depth; a file that exhausts the stack is no configuration.
      findings.add(tree.start(), "", "is nested too deeply", "");
    }
    return Optional.empty();
  }

  private Written convert(Node node, String key) {
    Origin at = origin(node);
    if (++nodes > MOST_NODES) {
      throw new YamlEngineException("too many nodes");
    }
    if (!around.add(node)) {
      findings.add(at, key, "contains itself", "remove the alias (*name)");
      return new Text(at, "", true);
    }
    if (!TAGS.contains(node.getTag())) {
      findings.add(at, key, "has a tag (!name), which means nothing here", "remove the tag");
    }
    Written written = convertUntagged(node, at, key);
    around.remove(node);
    return written;
  }

  private Written convertUntagged(Node node, Origin at, String key) {
    if (node instanceof ScalarNode scalar) {
      return new Text(at, scalar.getValue(), scalar.isPlain());
    }
    if (node instanceof SequenceNode sequence) {
      List<Written> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(convert(item, key + "[" + items.size() + "]"));
      }
      return new Items(at, items);
    }
    Map<String, Field> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      field(tuple, key, fields);
    }
    return new Table(at, fields);
  }

  private void field(NodeTuple tuple, String table, Map<String, Field> fields) {
    Origin at = origin(tuple.getKeyNode());
    if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
      findings.add(at, table, "a key must be a word", "write name: value");
      return;
    }
    String key = table.isEmpty() ? name.getValue() : table + "." + name.getValue();
    Field first = fields.get(name.getValue());
    if (first != null) {
      String hint = "keep one; the first is in line " + first.origin().line();
      findings.add(at, Keys.shown(key), "is written twice", hint);
      return;
    }
    fields.put(name.getValue(), new Field(at, convert(tuple.getValueNode(), Keys.shown(key))));
  }

  private void syntax(MarkedYamlEngineException e, String text) {
    Origin at =
        e.getProblemMark()
            .map(m -> new Origin(file, m.getLine() + 1, m.getColumn() + 1))
            .orElse(start());
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      int tab = lines.get(i).indexOf('\t');
      if (tab >= 0 && lines.get(i).substring(0, tab).isBlank() && !lines.get(i).isBlank()) {
        findings.add(
            new Origin(file, i + 1, tab + 1),
            "",
            "a tab at the beginning of the line, which YAML forbids",
            "indent with blanks");
      }
    }
    String hint = "check the indentation, and put quotes around values with special characters";
    findings.add(at, "", "YAML syntax error: " + withoutNames(e), hint);
  }

  /** The parser's words, unless they would repeat part of a value that may be a secret. */
  private static String withoutNames(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    if (problem.contains("alias") || problem.contains("anchor")) {
      return "an alias (*name) without its anchor (&name)";
    }
    boolean plain =
        problem.matches("[A-Za-z ,.'<>?:()\\[\\]{}-]{1,90}") && !problem.contains("tag");
    return plain ? problem : "this cannot be read";
  }

  private Origin origin(Node node) {
    return node.getStartMark()
        .map(m -> new Origin(file, m.getLine() + 1, m.getColumn() + 1))
        .orElse(start());
  }

  private Origin position(String text, int index) {
    String before = text.substring(0, Math.min(Math.max(index, 0), text.length()));
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    return new Origin(file, line, before.length() - before.lastIndexOf('\n'));
  }

  private Origin start() {
    return new Origin(file, 1, 1);
  }
}
