; Inno Setup 6: `iscc /DVersion=0.1.0 packaging\windows\kiosk.iss` after PyInstaller; gives dist\yibao-kiosk-0.1.0-setup.exe.
; Silent: `yibao-kiosk-0.1.0-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /LOG=C:\ProgramData\yibao-kiosk\setup.log`
; With /LOCKDOWN=0 the machine's policies stay as they are (a machine for trying out).
#ifndef Version
  #error Name the version: iscc /DVersion=0.1.0
#endif

[Setup]
AppId={{0C9A4D1E-7F1B-4C57-9F0E-6F0B5C0C6B51}
AppName=yibao-kiosk
AppVersion={#Version}
DefaultDirName={autopf}\yibao-kiosk
DisableDirPage=yes
DisableProgramGroupPage=yes
PrivilegesRequired=admin
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir=..\..\dist
OutputBaseFilename=yibao-kiosk-{#Version}-setup
Compression=lzma2/max
SolidCompression=yes
CloseApplications=force
UninstallDisplayName=yibao-kiosk

[Files]
Source: "..\..\dist\kiosk\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion
Source: "lockdown.ps1"; DestDir: "{app}\setup"; Flags: ignoreversion
; Settings are kept by an upgrade and by uninstalling.
Source: "..\kiosk.toml"; DestDir: "{commonappdata}\yibao-kiosk"; Flags: onlyifdoesntexist uninsneveruninstall; AfterInstall: WindowsPaths

[Dirs]
Name: "{commonappdata}\yibao-kiosk\data"; Flags: uninsneveruninstall

[Run]
Filename: "powershell.exe"; Parameters: "-NoProfile -ExecutionPolicy Bypass -File ""{app}\setup\lockdown.ps1"" -Program ""{app}\kiosk.exe"" -Settings ""{commonappdata}\yibao-kiosk\kiosk.toml"""; Flags: runhidden waituntilterminated; Check: WantsLockdown

[UninstallRun]
Filename: "powershell.exe"; Parameters: "-NoProfile -ExecutionPolicy Bypass -File ""{app}\setup\lockdown.ps1"" -Undo"; Flags: runhidden waituntilterminated; RunOnceId: "Undo"

[Code]
function WantsLockdown: Boolean;
begin
  Result := ExpandConstant('{param:LOCKDOWN|1}') <> '0';
end;

procedure WindowsPaths;
var
  Settings: String;
  Lines: TArrayOfString;
  Index: Integer;
begin
  { The sample names Debian's folders. }
  Settings := ExpandConstant('{commonappdata}\yibao-kiosk\kiosk.toml');
  if LoadStringsFromFile(Settings, Lines) then
  begin
    for Index := 0 to GetArrayLength(Lines) - 1 do
      StringChangeEx(Lines[Index], '/var/lib/yibao-kiosk', 'C:/ProgramData/yibao-kiosk/data', True);
    SaveStringsToUTF8FileWithoutBOM(Settings, Lines, False);
  end;
end;
