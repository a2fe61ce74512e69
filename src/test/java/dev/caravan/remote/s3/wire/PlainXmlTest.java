package dev.caravan.remote.s3.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is read without the parser is read as the parser reads it. */
class PlainXmlTest {

  private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

  private static final String COPY =
      "<LastModified>2026-11-22T06:00:00.000Z</LastModified><ETag>&quot;abc&quot;</ETag>";

  @Test
  void plainAnswersAreReadAsTheParserReadsThem() throws Exception {
    for (String document :
        List.of(
            "<CopyObjectResult>" + COPY + "</CopyObjectResult>",
            HEAD
                + "<CopyObjectResult xmlns=\"http://s3.amazon"
                + "aws.com/doc/2006-03-01/\">"
                + COPY
                + "</CopyObjectResult>",
            "<?xml version='1.0' encoding='utf-8'?><A><B>\"quoted\" > text</B>\n  <C></C>\n</A>\n",
            "   <?xml version=\"1.0\"?> <Error><Code>Slow</Code><Message>a\nb</Message></Error>",
            "<A></A>",
            "<A> </A>",
            "<A>text</A>",
            "<A><B/></A>",
            "<A>\n  <B/> <C>c</C>\n</A>",
            "<A><B><C>c</C></B></A>",
            HEAD
                + "<ListBucketResult><Name>b</Name><Prefix/><IsTruncated>false</IsTruncated>\n"
                + "<Contents><Key>a%20b</Key>\n<Owner><ID>1</ID></Owner>"
                + COPY
                + "</Contents><Contents><Key>c</Key></Contents> </ListBucketResult>")) {
      List<String> told = new ArrayList<>();
      Optional<String> root = PlainXml.read(document.getBytes(UTF_8), recorder(told));
      List<String> parsed = new ArrayList<>();
      String expected = parse(document, parsed);
      assertThat(root).as(document).contains(expected);
      assertThat(told).as(document).isEqualTo(parsed);
    }
  }

  @Test
  void allElseIsLeftToTheParser() {
    for (String document :
        List.of(
            "",
            "no XML",
            "<A>",
            "<A><B>cut off",
            "<A><B>b</B>",
            "<A><B>b</C></A>",
            "<A><B>b</B></C>",
            "<A><B>b</B></A><D></D>",
            "<A><B>b</B> text</A>",
            "<A>text <B>b</B></A>",
            "<A><B>b</B><B/> text</A>",
            "<A><B>b</B",
            "<A><B>b</B><",
            "<A><B/",
            "<A></A >",
            "<A><B>b</BB></A>",
            "<A><></></A>",
            "<A></A></A>",
            "<A></A> text",
            "<A/>",
            "<A/><A/>",
            "<A><B x=\"1\">b</B></A>",
            "<A x=\"1\"><B>b</B></A>",
            "<n:A xmlns:n=\"http://n\"><n:B>b</n:B></n:A>",
            "<A xmlns=\"http://a&amp;b\"><B>b</B></A>",
            "<A><B>a &amp; b</B></A>",
            "<A><B>&#65;</B></A>",
            "<A><B>&e;</B></A>",
            "<A><B>]]></B></A>",
            "<A><!-- said --><B>b</B></A>",
            "<A><B><![CDATA[b]]></B></A>",
            "<!DOCTYPE A [<!ENTITY e \"b\">]><A><B>b</B></A>",
            "<?xml version=\"1.1\"?><A><B>b</B></A>",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><A><B>b</B></A>",
            "<A><B>a\r\nb</B></A>",
            "<A><B>ü</B></A>",
            "<A><B>\u0001</B></A>")) {
      List<String> told = new ArrayList<>();
      assertThat(PlainXml.read(document.getBytes(UTF_8), recorder(told))).as(document).isEmpty();
      assertThat(told).as(document).isEmpty();
    }
  }

  private static S3Xml.Visitor recorder(List<String> told) {
    return (parent, name, text) -> told.add(parent + "/" + name + "=" + text);
  }

  private static String parse(String document, List<String> told) throws Exception {
    return S3Xml.parse(new ByteArrayInputStream(document.getBytes(UTF_8)), recorder(told));
  }
}
