"""The bill of materials is SPDX 2.3 and tells what the program is made of."""

import json
import os
import re
import shutil
import subprocess

import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
SBOM = os.path.join(TOP, 'contrib', 'sbom')
MADE = 1795392000       # 2026-11-23

pytestmark = pytest.mark.skipif(not shutil.which('pkg-config'),
                                reason='no pkg-config')


def write(made=MADE, **more):
    done = subprocess.run(
        [SBOM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, 'VERSION': version(), 'LC_ALL': 'C',
             'SOURCE_DATE_EPOCH': str(made), **more})
    assert done.returncode == 0, done.stderr
    return done.stdout


def version():
    with open(os.path.join(TOP, 'configure.ac')) as f:
        return re.search(r'AC_INIT\(\[sallyport\], \[(.*?)\]\)', f.read())[1]


@pytest.fixture(scope='module')
def sbom():
    return json.loads(write())


def packages(sbom):
    return {x['name']: x for x in sbom['packages']}


def test_a_document_has_the_fields_that_spdx_asks_for(sbom):
    assert sbom['spdxVersion'] == 'SPDX-2.3'
    assert sbom['dataLicense'] == 'CC0-1.0'
    assert sbom['SPDXID'] == 'SPDXRef-DOCUMENT'
    assert sbom['name'] == 'sallyport-' + version()
    assert re.fullmatch(r'https://[^\s#]+', sbom['documentNamespace'])
    info = sbom['creationInfo']
    assert info['created'] == '2026-11-23T00:00:00Z'
    assert info['creators']
    for creator in info['creators']:
        assert re.match('(Person|Organization|Tool): .', creator)


def test_each_package_has_the_fields_that_spdx_asks_for(sbom):
    for one in sbom['packages']:
        assert re.fullmatch(r'SPDXRef-[a-zA-Z0-9.-]+', one['SPDXID'])
        assert one['name'] and one['versionInfo']
        assert one['downloadLocation'] == 'NOASSERTION'
        # Else it would need a verification code and its files.
        assert one['filesAnalyzed'] is False
        assert one['primaryPackagePurpose'] in ('APPLICATION', 'LIBRARY')
        assert one['licenseDeclared'] == one['licenseConcluded']
        purl, = one['externalRefs']
        assert purl['referenceCategory'] == 'PACKAGE-MANAGER'
        assert purl['referenceLocator'].endswith('@' + one['versionInfo'])
    ids = [x['SPDXID'] for x in sbom['packages']]
    assert len(set(ids)) == len(ids)


def test_all_packages_but_ours_are_linked_to_it(sbom):
    assert packages(sbom)['sallyport']['versionInfo'] == version()
    relations = {(x['spdxElementId'], x['relationshipType'],
                  x['relatedSpdxElement']) for x in sbom['relationships']}
    ours = 'SPDXRef-sallyport'
    assert relations == {('SPDXRef-DOCUMENT', 'DESCRIBES', ours)} | {
        (ours, 'DYNAMIC_LINK', x['SPDXID']) for x in sbom['packages']
        if x['SPDXID'] != ours}


def test_the_modules_are_those_that_configure_asks_for():
    """libcrypto is the other half of OpenSSL; cmocka is for tests alone."""
    with open(os.path.join(TOP, 'configure.ac')) as f:
        checks = re.findall(r'PKG_CHECK_MODULES\(\[(\w+)\], \[(.*?)\]',
                            f.read())
    asked = {name for what, spec in checks if what != 'CMOCKA'
             for name in re.findall(r'(\w+) >=', spec)}
    with open(SBOM) as f:
        listed = set(re.findall(r'^(\w+)\|', f.read(), re.M))
    assert listed == asked - {'libcrypto'}


@pytest.mark.skipif(not shutil.which('readelf'), reason='no readelf')
def test_every_library_that_the_program_is_linked_with_is_in_it(program, sbom):
    done = subprocess.run(['readelf', '-d', program], stdout=subprocess.PIPE,
                          text=True, check=True)
    needed = re.findall(r'\(NEEDED\).*\[(?:lib)?(.*?)\.so', done.stdout)
    # Those of sanitizers are of the compiler, and only in such builds.
    needed = {re.sub(r'[-_0-9.]*$', '', x) for x in needed
              if not x.startswith(('asan', 'ubsan', 'ld-', 'gcc_s'))}
    package = {'event_core': 'libevent', 'ssl': 'openssl',
               'crypto': 'openssl', 'config': 'libconfig', 'cares': 'c-ares',
               'seccomp': 'libseccomp', 'z': 'zlib', 'c': 'glibc',
               # Parts of glibc that stood alone once.
               'm': 'glibc', 'dl': 'glibc', 'pthread': 'glibc',
               'resolv': 'glibc'}
    assert len(needed) > 5
    for name in needed:
        assert package[name] in packages(sbom), name


def test_versions_are_those_of_pkg_config(sbom):
    for module, name in ('libssl', 'openssl'), ('zlib', 'zlib'):
        done = subprocess.run(['pkg-config', '--modversion', module],
                              stdout=subprocess.PIPE, text=True, check=True)
        assert packages(sbom)[name]['versionInfo'] == done.stdout.strip()


def test_the_same_facts_make_the_same_bytes_and_others_another_name():
    assert write() == write(TZ='Asia/Tokyo')
    later = json.loads(write(MADE + 86400))
    assert later['creationInfo']['created'] == '2026-11-24T00:00:00Z'
    assert later['documentNamespace'] != \
        json.loads(write())['documentNamespace']


def test_a_library_that_is_not_there_makes_none():
    done = subprocess.run([SBOM], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, env={
                              **os.environ, 'VERSION': '1', 'PKG_CONFIG':
                              'false', 'SOURCE_DATE_EPOCH': str(MADE)})
    assert done.returncode == 1
    assert done.stdout == '' and 'no libevent_core' in done.stderr
