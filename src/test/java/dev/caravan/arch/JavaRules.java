package dev.caravan.arch;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The rules of size, naming and calls that the syntax of a Java file shows. Files are parsed, not
 * searched, so that a word in a comment or a string is no violation.
 */
final class JavaRules {

  static final int MAX_METHOD_LINES = 70;
  static final int MAX_PACKAGE_TYPES = 25;

  private static final Pattern WORD = Pattern.compile("[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+");
  private static final Set<String> BANNED_WORDS =
      Set.of(
          "Manager",
          "Managers",
          "Helper",
          "Helpers",
          "Util",
          "Utils",
          "Impl",
          "Data",
          "Info",
          "Backend",
          "Backends",
          "Target",
          "Targets",
          "Blob",
          "Blobs");

  private static final Set<String> CLOCK_TYPES =
      Set.of(
          "Instant", "LocalDate", "LocalTime", "LocalDateTime", "ZonedDateTime", "OffsetDateTime");

  private JavaRules() {}

  static List<String> violations(List<SourceFile> files) {
    List<String> found = new ArrayList<>();
    List<Parsed> parsed =
        Parsed.all(
            files.stream()
                .filter(file -> file.isJava() && !file.path().contains("/arch/sample/"))
                .toList());
    parsed.forEach(each -> new Scan(each, found).scan(each.unit(), null));
    found.addAll(crowdedPackages(parsed));
    return found;
  }

  private static List<String> crowdedPackages(List<Parsed> parsed) {
    Map<String, Integer> types = new TreeMap<>();
    for (Parsed each : parsed) {
      if (each.file().isMain()) {
        types.merge(each.file().folder(), each.unit().getTypeDecls().size(), Integer::sum);
      }
    }
    return types.entrySet().stream()
        .filter(folder -> folder.getValue() > MAX_PACKAGE_TYPES)
        .map(
            folder ->
                "%s: %d top-level types, at most %d"
                    .formatted(folder.getKey(), folder.getValue(), MAX_PACKAGE_TYPES))
        .toList();
  }

  private record Parsed(SourceFile file, CompilationUnitTree unit, SourcePositions positions) {

    /** All with one compiler: to start it takes longer than to parse a file. */
    static List<Parsed> all(List<SourceFile> files) {
      var compiler = ToolProvider.getSystemJavaCompiler();
      List<Source> sources = files.stream().map(Source::new).toList();
      Map<URI, SourceFile> byUri =
          sources.stream().collect(Collectors.toMap(Source::toUri, source -> source.file));
      var options = List.of("-proc:none");
      var task = (JavacTask) compiler.getTask(null, null, problem -> {}, options, null, sources);
      try {
        List<Parsed> parsed = new ArrayList<>();
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        for (CompilationUnitTree unit : task.parse()) {
          SourceFile file = byUri.get(unit.getSourceFile().toUri());
          parsed.add(new Parsed(Objects.requireNonNull(file), unit, positions));
        }
        return parsed;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    long line(long position) {
      return unit.getLineMap().getLineNumber(position);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final SourceFile file;

    Source(SourceFile file) {
      super(URI.create("string:///" + file.path()), JavaFileObject.Kind.SOURCE);
      this.file = file;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return file.text();
    }
  }

  private static final class Scan extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final SourceFile file;
    private final Parsed parsed;
    private final List<String> found;

    Scan(Parsed parsed, List<String> found) {
      this.file = parsed.file();
      this.parsed = parsed;
      this.found = found;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
      String name = type.getSimpleName().toString();
      WORD.matcher(name)
          .results()
          .map(word -> word.group())
          .filter(BANNED_WORDS::contains)
          .forEach(word -> add(type, "the name " + name + " says '" + word + "'"));
      return super.visitClass(type, unused);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
      BlockTree body = method.getBody();
      if (body != null) {
        long begin = parsed.line(parsed.positions().getStartPosition(parsed.unit(), method));
        long end = parsed.line(parsed.positions().getEndPosition(parsed.unit(), body));
        long lines = end - begin + 1;
        if (lines > MAX_METHOD_LINES) {
          add(method, method.getName() + " has " + lines + " lines, at most " + MAX_METHOD_LINES);
        }
      }
      return super.visitMethod(method, unused);
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
      String name = call.getMethodSelect().toString();
      if (!(readsClock(name) && !call.getArguments().isEmpty())) {
        banCall(call, name);
      }
      return super.visitMethodInvocation(call, unused);
    }

    @Override
    public @Nullable Void visitMemberReference(
        MemberReferenceTree reference, @Nullable Void unused) {
      banCall(reference, reference.getQualifierExpression() + "." + reference.getName());
      return super.visitMemberReference(reference, unused);
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree select, @Nullable Void unused) {
      String name = select.toString();
      boolean mayPrint = file.room().equals("cli") || file.name().matches("(Caravan|App.*)\\.java");
      if (file.isMain() && !mayPrint && name.matches("(java\\.lang\\.)?System\\.(out|err)")) {
        add(select, name + " outside cli/, Caravan and App; log it or return it");
      }
      return super.visitMemberSelect(select, unused);
    }

    @Override
    public @Nullable Void visitNewClass(NewClassTree made, @Nullable Void unused) {
      if (file.isMain() && made.getIdentifier().toString().matches("(java\\.util\\.)?Random")) {
        add(made, "new Random; let randomness be handed in");
      }
      return super.visitNewClass(made, unused);
    }

    @Override
    public @Nullable Void visitAnnotation(AnnotationTree mark, @Nullable Void unused) {
      String name = mark.getAnnotationType().toString();
      if (!file.isMain() && name.matches("(.*\\.)?(Disabled|Enabled|Ignore)\\w*")) {
        add(mark, "@" + name + " skips a test; a missing component is a failure");
      }
      return super.visitAnnotation(mark, unused);
    }

    private void banCall(Tree tree, String call) {
      String name = call.replaceFirst("^java\\.[a-z.]+\\.(?=[A-Z])", "");
      if (name.equals("Thread.sleep")) {
        add(tree, "Thread.sleep; wait for the thing itself");
      }
      if (file.isMain()) {
        banInMain(tree, name);
      } else if (name.matches("(.*\\.)?assume[A-Z]\\w*|Assumptions\\..*|Assume\\..*")) {
        add(tree, name + " skips a test; a missing component is a failure");
      }
    }

    private void banInMain(Tree tree, String name) {
      if (readsClock(name) || name.equals("System.currentTimeMillis")) {
        add(tree, name + "; let a Clock be handed in");
      }
      if (name.equals("Math.random")) {
        add(tree, "Math.random; let randomness be handed in");
      }
      if (name.equals("System.exit") && !file.name().equals("Caravan.java")) {
        add(tree, "System.exit outside Caravan; throw or return");
      }
      boolean ownsFiles = file.room().matches("(store|remote|catalog|sqlite)(/.*)?");
      if (name.matches("Files\\.(move|delete|deleteIfExists)") && !ownsFiles) {
        add(tree, name + " outside store/ and remote/; there it is done safely, once");
      }
    }

    private static boolean readsClock(String name) {
      return name.endsWith(".now")
          && CLOCK_TYPES.contains(name.substring(0, name.length() - ".now".length()));
    }

    private void add(Tree tree, String fault) {
      long at = parsed.line(parsed.positions().getStartPosition(parsed.unit(), tree));
      found.add(file.path() + ":" + at + ": " + fault);
    }
  }
}
