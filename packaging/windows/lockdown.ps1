# Makes a Windows 10/11 IoT Enterprise machine a terminal: an account of its own that sees nothing but the program, no system keys,
# no USB disks, no sleep. -Undo takes every setting back that it set; the account and the data stay. Run as administrator.
param(
    [string] $Program,
    [string] $Settings,
    [switch] $Undo
)
$ErrorActionPreference = 'Stop'
$account = 'kiosk'
$folder = 'C:\ProgramData\yibao-kiosk'
$kept = Join-Path $folder 'before-lockdown.json'

# Path, name, value; 32-bit numbers all. What stood there before is kept for -Undo.
$policies = @(
    # Ctrl+Alt+Del offers nothing; no task manager, no lock, no change of password, no switching of users.
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System', 'DisableTaskMgr', 1),
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System', 'DisableLockWorkstation', 1),
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System', 'DisableChangePassword', 1),
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System', 'HideFastUserSwitching', 1),
    # No error dialog and no notification over the citizen's screen.
    @('HKLM:\SOFTWARE\Microsoft\Windows\Windows Error Reporting', 'DontShowUI', 1),
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows\Explorer', 'DisableNotificationCenter', 1),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\Windows', 'ErrorMode', 2),
    # No gesture from the edge of the glass.
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows\EdgeUI', 'AllowEdgeSwipe', 0),
    # USB disks are not driven, nothing starts by itself from a medium.
    @('HKLM:\SYSTEM\CurrentControlSet\Services\USBSTOR', 'Start', 4),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\UASPStor', 'Start', 4),
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices', 'Deny_All', 1),
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer', 'NoDriveTypeAutoRun', 255),
    # Restarts for updates come when an operator wants them.
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU', 'NoAutoRebootWithLoggedOnUsers', 1)
)

function Read-Policy($path, $name) {
    (Get-ItemProperty -Path $path -Name $name -ErrorAction SilentlyContinue).$name
}

if ($Undo) {
    if (Test-Path $kept) {
        foreach ($one in Get-Content $kept -Raw | ConvertFrom-Json) {
            if ($null -eq $one.value) { Remove-ItemProperty -Path $one.path -Name $one.name -ErrorAction SilentlyContinue }
            else { Set-ItemProperty -Path $one.path -Name $one.name -Value $one.value -Type DWord }
        }
        Remove-Item $kept
    }
    try {
        $shell = Get-CimClass -Namespace root\standardcimv2\embedded -ClassName WESL_UserSetting
        Invoke-CimMethod -CimClass $shell -MethodName SetEnabled -Arguments @{ Enabled = $false } | Out-Null
    } catch { Write-Warning "Shell Launcher: $_" }
    exit 0
}

# --- the account ---
if (-not (Get-LocalUser -Name $account -ErrorAction SilentlyContinue)) {
    # A password nobody knows: Windows logs this account on by itself.
    $bytes = New-Object byte[] 24
    [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
    $password = ConvertTo-SecureString ([Convert]::ToBase64String($bytes)) -AsPlainText -Force
    New-LocalUser -Name $account -Password $password -PasswordNeverExpires -UserMayNotChangePassword -Description 'Self-service terminal' | Out-Null
    Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $account
}
$sid = (Get-LocalUser -Name $account).SID.Value

# Journal and keys belong to the account alone; the settings it may only read.
icacls "$folder\data" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*${sid}:(OI)(CI)M" | Out-Null
icacls $Settings /inheritance:r /grant:r "*S-1-5-18:F" "*S-1-5-32-544:F" "*${sid}:R" | Out-Null

# --- its shell is the program: no Explorer, no desktop, no start menu ---
Enable-WindowsOptionalFeature -Online -FeatureName Client-EmbeddedShellLauncher -All -NoRestart | Out-Null
Enable-WindowsOptionalFeature -Online -FeatureName Client-KeyboardFilter -All -NoRestart | Out-Null
$embedded = 'root\standardcimv2\embedded'
$shell = Get-CimClass -Namespace $embedded -ClassName WESL_UserSetting
# 0: whatever it ended with, it is started again.
Invoke-CimMethod -CimClass $shell -MethodName SetDefaultShell -Arguments @{ Shell = 'explorer.exe'; DefaultAction = 0 } | Out-Null
Invoke-CimMethod -CimClass $shell -MethodName SetCustomShell -Arguments @{
    Sid = $sid; Shell = "`"$Program`" run --config `"$Settings`""; DefaultAction = 0
} | Out-Null
Invoke-CimMethod -CimClass $shell -MethodName SetEnabled -Arguments @{ Enabled = $true } | Out-Null

# --- keys ---
foreach ($keys in 'Ctrl+Alt+Del', 'Ctrl+Esc', 'Alt+F4', 'Alt+Tab', 'Alt+Esc', 'Ctrl+Shift+Esc', 'Windows', 'Win+L', 'Win+R', 'Win+E', 'Win+U', 'Shift+Ctrl+Esc') {
    $rule = Get-CimInstance -Namespace $embedded -ClassName WEKF_PredefinedKey -Filter "Id='$keys'" -ErrorAction SilentlyContinue
    if ($rule) { $rule.Enabled = $true; Set-CimInstance -InputObject $rule }
}
$administrators = Get-CimInstance -Namespace $embedded -ClassName WEKF_Settings -Filter "Name='DisableKeyboardFilterForAdministrators'" -ErrorAction SilentlyContinue
if ($administrators) { $administrators.Value = 'true'; Set-CimInstance -InputObject $administrators }

# --- policies ---
$before = foreach ($policy in $policies) { @{ path = $policy[0]; name = $policy[1]; value = Read-Policy $policy[0] $policy[1] } }
if (-not (Test-Path $kept)) { $before | ConvertTo-Json | Set-Content $kept -Encoding UTF8 }
foreach ($policy in $policies) {
    if (-not (Test-Path $policy[0])) { New-Item -Path $policy[0] -Force | Out-Null }
    Set-ItemProperty -Path $policy[0] -Name $policy[1] -Value $policy[2] -Type DWord
}

# --- the screen stays on ---
powercfg /change monitor-timeout-ac 0
powercfg /change standby-timeout-ac 0
powercfg /change hibernate-timeout-ac 0

Write-Output "Log the account '$account' on automatically (Sysinternals Autologon keeps the password out of the registry), then restart."
